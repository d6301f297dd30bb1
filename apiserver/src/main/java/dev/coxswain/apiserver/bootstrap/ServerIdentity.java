package dev.coxswain.apiserver.bootstrap;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.custom.Definitions;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.verbs.DeleteRequest;
import dev.coxswain.apiserver.verbs.ObjectReader;
import dev.coxswain.apiserver.verbs.WriteContext;
import dev.coxswain.apiserver.watch.WatchCache;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The Lease by which anybody sees that this API server is there, named and labelled as Kubernetes'
 * are: {@code kubectl -n kube-system get leases -l apiserver.kubernetes.io/identity}.
 */
public final class ServerIdentity {
  static final String LABEL = "apiserver.kubernetes.io/identity";

  private static final Logger log = LoggerFactory.getLogger(ServerIdentity.class);
  private static final GroupResource LEASES = new GroupResource("coordination.k8s.io", "leases");
  private static final String NAMESPACE = "kube-system";
  private static final String COMPONENT = "kube-apiserver";

  /** How long a server counts as there after its last word. */
  private static final Duration DURATION = Duration.ofHours(1);

  /** How many bytes of the address' digest name the Lease. */
  private static final int DIGEST = 16;

  /** The digits of a number in base 32, as names may have them. */
  private static final String DIGITS = "abcdefghijklmnopqrstuvwxyz234567";

  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final WatchCache cache;
  private final ResourceRegistry registry;
  private final Definitions.Writes writes;
  private final Ensure ensure;
  private final Server server;
  private final String holder;
  private final Time time;

  /**
   * A server.
   *
   * @param address the address at which the cluster reaches it, which no other has
   * @param host the name of its machine
   */
  public record Server(String address, String host) {}

  /** The identity of a server that has just started. */
  public ServerIdentity(
      Server server,
      WatchCache cache,
      ResourceRegistry registry,
      ObjectReader reader,
      Definitions.Writes writes,
      Time time,
      Randomness randomness) {
    this.server = server;
    this.cache = cache;
    this.registry = registry;
    this.writes = writes;
    this.ensure = new Ensure(registry, reader, writes.writer());
    this.time = time;
    this.holder = name(server.address()) + "_" + randomness.uuid();
  }

  /** The name of the Lease of a server at an address. */
  static String name(String address) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(address.getBytes(StandardCharsets.UTF_8));
      return "apiserver-" + base32(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String base32(byte[] digest) {
    StringBuilder text = new StringBuilder();
    int bits = 0;
    int held = 0;
    for (int i = 0; i < DIGEST; i++) {
      bits = (bits << 8) | (digest[i] & 0xff);
      held += 8;
      while (held >= 5) {
        held -= 5;
        text.append(DIGITS.charAt((bits >> held) & 31));
      }
    }
    return text.append(DIGITS.charAt((bits << (5 - held)) & 31)).toString();
  }

  /** Says that this server is there. */
  void renew() throws InterruptedException {
    ObjectNode lease =
        SystemObjects.object("coordination.k8s.io/v1", "Lease", NAMESPACE, name(server.address()));
    SystemObjects.labels(lease, LABEL, COMPONENT, "kubernetes.io/hostname", server.host());
    ObjectNode spec = lease.putObject("spec");
    spec.put("holderIdentity", holder);
    spec.put("leaseDurationSeconds", DURATION.toSeconds());
    spec.put("renewTime", MICROS.format(time.now()));
    ensure.present(
        lease,
        (stored, wanted) -> {
          ObjectNode next = stored.deepCopy();
          Json.ensureObject(next, "metadata", "labels")
              .setAll(Json.ensureObject(wanted, "metadata", "labels"));
          next.set("spec", wanted.path("spec").deepCopy());
          return Optional.of(next);
        });
  }

  /** Takes away the Leases of servers that have long been silent. */
  void clean() {
    for (ObjectNode lease : cache.list(LEASES, NAMESPACE)) {
      if (Json.text(lease, "metadata", "labels", LABEL).equals(COMPONENT) && isOver(lease)) {
        delete(Json.text(lease, "metadata", "name"));
      }
    }
  }

  private boolean isOver(ObjectNode lease) {
    try {
      Instant renewed = Instant.parse(Json.text(lease, "spec", "renewTime"));
      long seconds = Json.number(lease, 0, "spec", "leaseDurationSeconds");
      return renewed.plusSeconds(seconds).isBefore(time.now());
    } catch (DateTimeException neverRenewed) {
      return true;
    }
  }

  private void delete(String name) {
    ResourceType type = registry.versions(LEASES).getFirst();
    try {
      writes
          .deleter()
          .delete(
              type, new ObjectKey(NAMESPACE, name), DeleteRequest.DEFAULT, WriteContext.internal());
      log.info("the lease {} of an API server that is gone is deleted", name);
    } catch (ApiException e) {
      // Another server may have been faster.
      if (!e.is(StatusReason.NOT_FOUND)) {
        throw e;
      }
    }
  }
}
