package dev.coxswain.apiserver.flow;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.storage.StoreUnavailableException;
import dev.coxswain.apiserver.verbs.ObjectWriter;
import dev.coxswain.apiserver.verbs.WriteContext;
import dev.coxswain.apiserver.watch.Follower;
import dev.coxswain.apiserver.watch.WatchCache;
import dev.coxswain.runtime.time.Time;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Says in the condition {@code Dangling} of each flow schema whether its level is there. Every API
 * server does it; whoever is first writes.
 */
public final class FlowStatus implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FlowStatus.class);
  private static final String DANGLING = "Dangling";

  private final WatchCache cache;
  private final ResourceRegistry registry;
  private final ObjectWriter writer;
  private final Time time;
  private final Follower schemas;
  private final Follower levels;

  /** Follows the schemas and levels that the cache has. */
  public FlowStatus(WatchCache cache, ResourceRegistry registry, ObjectWriter writer, Time time) {
    this.cache = cache;
    this.registry = registry;
    this.writer = writer;
    this.time = time;
    this.schemas = new Follower("flow-schema-status", cache, Configuration.SCHEMAS, time);
    this.levels = new Follower("flow-level-status", cache, Configuration.LEVELS, time);
  }

  /** Starts the threads. */
  public void start() {
    schemas.start(this::once);
    levels.start(() -> {
      schemas.wake();
      return true;
    });
  }

  private boolean once() {
    Set<String> there =
        cache.list(Configuration.LEVELS, "").stream()
            .map(level -> Json.text(level, "metadata", "name"))
            .collect(Collectors.toSet());
    boolean well = true;
    for (ObjectNode schema : cache.list(Configuration.SCHEMAS, "")) {
      String level = Json.text(schema, "spec", "priorityLevelConfiguration", "name");
      ObjectNode wanted = condition(level, there.contains(level));
      if (!says(schema, wanted)) {
        well &= write(Json.text(schema, "metadata", "name"), level, wanted);
      }
    }
    return well;
  }

  private static ObjectNode condition(String level, boolean found) {
    return Json.object()
        .put("type", DANGLING)
        .put("status", found ? "False" : "True")
        .put("reason", found ? "Found" : "NotFound")
        .put(
            "message",
            "This FlowSchema references the PriorityLevelConfiguration object named \""
                + level
                + "\" and it "
                + (found ? "exists" : "does not exist"));
  }

  private static boolean says(ObjectNode schema, ObjectNode wanted) {
    for (JsonNode condition : Json.at(schema, "status", "conditions")) {
      if (Json.text(condition, "type").equals(DANGLING)) {
        return Json.text(condition, "status").equals(Json.text(wanted, "status"))
            && Json.text(condition, "message").equals(Json.text(wanted, "message"));
      }
    }
    return false;
  }

  private boolean write(String name, String level, ObjectNode wanted) {
    try {
      ResourceType type = registry.versions(Configuration.SCHEMAS).getFirst();
      writer.change(
          type,
          ObjectKey.cluster(name),
          "status",
          current -> {
            boolean same =
                Json.text(current, "spec", "priorityLevelConfiguration", "name").equals(level);
            if (same && !says(current, wanted)) {
              replace(current, wanted);
            }
          },
          WriteContext.internal());
      return true;
    } catch (ApiException e) {
      if (e.is(StatusReason.NOT_FOUND) || e.is(StatusReason.CONFLICT)) {
        return true;
      }
      log.warn("status of flow schema {}: {}", name, e.getMessage());
      return false;
    } catch (StoreUnavailableException e) {
      log.warn("status of flow schema {}: {}", name, e.getMessage());
      return false;
    }
  }

  private void replace(ObjectNode schema, ObjectNode wanted) {
    ObjectNode status = Json.ensureObject(schema, "status");
    ArrayNode kept = Json.array();
    for (JsonNode condition : status.path("conditions")) {
      if (!Json.text(condition, "type").equals(DANGLING)) {
        kept.add(condition);
      }
    }
    kept.add(
        wanted
            .deepCopy()
            .put("lastTransitionTime", time.now().truncatedTo(ChronoUnit.SECONDS).toString()));
    status.set("conditions", kept);
  }

  @Override
  public void close() {
    schemas.close();
    levels.close();
  }
}
