package dev.coxswain.apiserver.admission.policy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.storage.StoreUnavailableException;
import dev.coxswain.apiserver.verbs.ObjectWriter;
import dev.coxswain.apiserver.verbs.WriteContext;
import dev.coxswain.apiserver.watch.CachedObject;
import dev.coxswain.apiserver.watch.Follower;
import dev.coxswain.apiserver.watch.Selection;
import dev.coxswain.apiserver.watch.WatchCache;
import dev.coxswain.runtime.time.Time;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes into the status of each policy what its expressions have against the kinds that it names.
 * Every API server does it; whoever is first writes.
 */
public final class PolicyStatus implements AutoCloseable {
  private static final GroupResource RESOURCE =
      new GroupResource("admissionregistration.k8s.io", "validatingadmissionpolicies");
  private static final Logger log = LoggerFactory.getLogger(PolicyStatus.class);

  private final WatchCache cache;
  private final ResourceRegistry registry;
  private final ObjectWriter writer;
  private final Follower follower;

  /** Follows the policies that the cache has. */
  public PolicyStatus(WatchCache cache, ResourceRegistry registry, ObjectWriter writer, Time time) {
    this.cache = cache;
    this.registry = registry;
    this.writer = writer;
    this.follower = new Follower("policy-status", cache, RESOURCE, time);
  }

  /** Starts the thread. */
  public void start() {
    follower.start(this::once);
  }

  /** Writes what is out of date; false where it has to be tried again. */
  private boolean once() {
    boolean well = true;
    for (CachedObject object : cache.cached(RESOURCE, Selection.namespace("")).objects()) {
      ObjectNode policy = object.parse();
      if (behind(policy)) {
        well &= write(policy);
      }
    }
    return well;
  }

  private static boolean behind(ObjectNode policy) {
    return Json.number(policy, 0, "status", "observedGeneration")
        < Json.number(policy, 1, "metadata", "generation");
  }

  private boolean write(ObjectNode policy) {
    String name = Json.text(policy, "metadata", "name");
    long generation = Json.number(policy, 1, "metadata", "generation");
    try {
      ArrayNode warnings = TypeChecks.warnings(policy, registry);
      ResourceType type = registry.versions(RESOURCE).getFirst();
      writer.change(
          type,
          ObjectKey.cluster(name),
          "status",
          current -> {
            if (Json.number(current, 1, "metadata", "generation") == generation) {
              ObjectNode status = Json.ensureObject(current, "status");
              status.put("observedGeneration", generation);
              ObjectNode checking = status.putObject("typeChecking");
              if (!warnings.isEmpty()) {
                checking.set("expressionWarnings", warnings);
              }
            }
          },
          WriteContext.internal());
      return true;
    } catch (ApiException e) {
      if (e.is(StatusReason.NOT_FOUND) || e.is(StatusReason.CONFLICT)) {
        return true;
      }
      log.warn("status of policy {}: {}", name, e.getMessage());
      return false;
    } catch (StoreUnavailableException e) {
      log.warn("status of policy {}: {}", name, e.getMessage());
      return false;
    } catch (RuntimeException e) {
      log.error("status of policy {} cannot be told; trying again", name, e);
      return false;
    }
  }

  @Override
  public void close() {
    follower.close();
  }
}
