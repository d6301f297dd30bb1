package dev.coxswain.apiserver.health;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.registry.Column;
import dev.coxswain.apiserver.storage.Store;
import dev.coxswain.apiserver.storage.StoreUnavailableException;
import dev.coxswain.apiserver.table.Columns;
import dev.coxswain.apiserver.verbs.MadeKind;
import dev.coxswain.apiserver.verbs.ObjectReader;
import dev.coxswain.apiserver.watch.CachedObject;
import dev.coxswain.runtime.time.Time;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code componentstatuses}: whether the parts of the control plane are well, as far as an API
 * server sees. Of the scheduler and the controllers it sees the lease that the leading one renews;
 * of the store, whether it answers.
 */
public final class ComponentStatuses implements MadeKind {
  private static final GroupResource LEASES = new GroupResource("coordination.k8s.io", "leases");
  private static final String SYSTEM = "kube-system";

  private final ObjectReader reader;
  private final Store store;
  private final Time time;

  /** Looks at these. */
  public ComponentStatuses(ObjectReader reader, Store store, Time time) {
    this.reader = reader;
    this.store = store;
    this.time = time;
  }

  @Override
  public List<CachedObject> make() throws InterruptedException {
    List<CachedObject> statuses = new ArrayList<>();
    statuses.add(status("controller-manager", leading("kube-controller-manager")));
    List<Store> stores = store.parts();
    for (int i = 0; i < stores.size(); i++) {
      statuses.add(status("etcd-" + i, answering(stores.get(i))));
    }
    statuses.add(status("scheduler", leading("kube-scheduler")));
    return statuses;
  }

  private static Optional<String> answering(Store store) {
    try {
      store.revision();
      return Optional.empty();
    } catch (StoreUnavailableException unavailable) {
      return Optional.of(String.valueOf(unavailable.getMessage()));
    }
  }

  private Optional<String> leading(String program) throws InterruptedException {
    Optional<CachedObject> lease;
    try {
      lease = reader.find(LEASES, new ObjectKey(SYSTEM, program));
    } catch (StoreUnavailableException unavailable) {
      return Optional.of("the store does not answer");
    }
    return lease.isEmpty()
        ? Optional.of("no " + program + " has led yet")
        : overdue(program, lease.get().parse(), time.now());
  }

  static Optional<String> overdue(String program, ObjectNode lease, Instant now) {
    JsonNode spec = lease.path("spec");
    try {
      Instant renewed = Instant.parse(Json.text(spec, "renewTime"));
      Duration lasts = Duration.ofSeconds(Json.number(spec, 0, "leaseDurationSeconds"));
      return now.isAfter(renewed.plus(lasts))
          ? Optional.of("no " + program + " leads: the last one renewed its lease at " + renewed)
          : Optional.empty();
    } catch (DateTimeException neverRenewed) {
      return Optional.of("no " + program + " leads");
    }
  }

  private static CachedObject status(String name, Optional<String> problem) {
    ObjectNode status = Json.object().put("kind", "ComponentStatus").put("apiVersion", "v1");
    status.putObject("metadata").put("name", name);
    ObjectNode healthy = status.putArray("conditions").addObject().put("type", "Healthy");
    if (problem.isEmpty()) {
      healthy.put("status", "True").put("message", "ok");
    } else {
      healthy.put("status", "False").put("error", problem.get());
    }
    return CachedObject.unsaved(new ObjectKey("", name), Json.bytes(status));
  }

  /** The columns of {@code kubectl get componentstatuses}. */
  public static List<Column> columns() {
    return Columns.named(
        Columns.text("Status", "Whether the component is well.", ComponentStatuses::health),
        Columns.text("Message", "What it says.", s -> Json.text(healthy(s), "message")),
        Columns.text("Error", "What is wrong.", s -> Json.text(healthy(s), "error")));
  }

  private static JsonNode healthy(ObjectNode status) {
    return status.path("conditions").path(0);
  }

  private static String health(ObjectNode status) {
    return switch (Json.text(healthy(status), "status")) {
      case "True" -> "Healthy";
      case "False" -> "Unhealthy";
      default -> "Unknown";
    };
  }
}
