package dev.coxswain.apiserver.aggregation;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.custom.Definitions;
import dev.coxswain.apiserver.definition.Conditions;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.verbs.DeleteRequest;
import dev.coxswain.apiserver.verbs.WriteContext;
import dev.coxswain.apiserver.watch.ObjectView;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Keeps an APIService for each version that this server serves itself. */
final class LocalServices {
  private static final String MANAGED = "kube-aggregator.kubernetes.io/automanaged";

  /** What stands and falls with a definition. */
  private static final String WITH_DEFINITION = "true";

  private static final int FIRST_GROUP = 18_000;
  private static final int GROUP_STEP = 100;
  private static final int BUILTIN_VERSION = 15;
  private static final int CUSTOM_GROUP = 1_000;
  private static final int CUSTOM_VERSION = 100;

  private final ObjectView view;
  private final Definitions.Writes writes;
  private final ResourceType type;
  private final Map<String, ObjectNode> builtin;

  LocalServices(ObjectView view, ResourceRegistry registry, Definitions.Writes writes) {
    this.view = view;
    this.writes = writes;
    this.type = registry.versions(ApiServices.RESOURCE).getFirst();
    this.builtin = builtin(registry);
  }

  /** The built-in groups stand in the order of their declaration. */
  private static Map<String, ObjectNode> builtin(ResourceRegistry registry) {
    Map<String, Integer> groups = new LinkedHashMap<>();
    Map<String, ObjectNode> services = new LinkedHashMap<>();
    for (ResourceType type : registry.all()) {
      String group = type.kind().group();
      int place = groups.computeIfAbsent(group, _ -> groups.size());
      ObjectNode service =
          service(
              group,
              type.kind().version(),
              FIRST_GROUP - GROUP_STEP * place,
              BUILTIN_VERSION,
              "onstart");
      services.putIfAbsent(Json.text(service, "metadata", "name"), service);
    }
    return services;
  }

  private static ObjectNode service(
      String group, String version, int groupPriority, int versionPriority, String managed) {
    ObjectNode service = Json.object();
    service.put("apiVersion", "apiregistration.k8s.io/v1").put("kind", "APIService");
    ObjectNode metadata = service.putObject("metadata");
    metadata.put("name", version + "." + group);
    metadata.putObject("labels").put(MANAGED, managed);
    ObjectNode spec = service.putObject("spec");
    if (!group.isEmpty()) {
      spec.put("group", group);
    }
    spec.put("version", version);
    spec.put("groupPriorityMinimum", groupPriority);
    spec.put("versionPriority", versionPriority);
    return service;
  }

  private Map<String, ObjectNode> wanted() {
    Map<String, ObjectNode> wanted = new LinkedHashMap<>(builtin);
    for (ObjectNode definition : view.list(Definitions.RESOURCE, "")) {
      if (Conditions.isTrue(definition, "Established")) {
        for (JsonNode version : Json.at(definition, "spec", "versions")) {
          if (Json.flag(version, "served")) {
            ObjectNode service =
                service(
                    Json.text(definition, "spec", "group"),
                    Json.text(version, "name"),
                    CUSTOM_GROUP,
                    CUSTOM_VERSION,
                    WITH_DEFINITION);
            wanted.putIfAbsent(Json.text(service, "metadata", "name"), service);
          }
        }
      }
    }
    return wanted;
  }

  /** Makes what is missing, and removes what went with its definition. */
  void settle() {
    Map<String, ObjectNode> wanted = wanted();
    for (ObjectNode present : view.list(ApiServices.RESOURCE, "")) {
      String name = Json.text(present, "metadata", "name");
      boolean known = wanted.remove(name) != null;
      if (!known && Json.text(present, "metadata", "labels", MANAGED).equals(WITH_DEFINITION)) {
        unless(
            StatusReason.NOT_FOUND,
            () ->
                writes
                    .deleter()
                    .delete(
                        type,
                        ObjectKey.cluster(name),
                        DeleteRequest.DEFAULT,
                        WriteContext.internal()));
      }
    }
    // Another server may have been faster.
    wanted
        .values()
        .forEach(service ->
            unless(
                StatusReason.ALREADY_EXISTS,
                () ->
                    writes.writer().create(type, "", service.deepCopy(), WriteContext.internal())));
  }

  private static void unless(StatusReason reason, Runnable write) {
    try {
      write.run();
    } catch (ApiException e) {
      if (!e.is(reason)) {
        throw e;
      }
    }
  }
}
