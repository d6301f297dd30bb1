package dev.coxswain.apiserver.flow;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.apiserver.authz.Attributes;
import dev.coxswain.apiserver.watch.ObjectView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The schemas and levels as of one moment. What every cluster must have is always there. */
final class Configuration {
  static final GroupResource SCHEMAS =
      new GroupResource("flowcontrol.apiserver.k8s.io", "flowschemas");
  static final GroupResource LEVELS =
      new GroupResource("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations");

  private final long schemasAt;
  private final long levelsAt;
  private final Map<String, PriorityLevel> levels = new LinkedHashMap<>();
  private final List<Route> routes = new ArrayList<>();

  private Configuration(long schemasAt, long levelsAt) {
    this.schemasAt = schemasAt;
    this.levelsAt = levelsAt;
  }

  /** Reads what there is now. */
  static Configuration read(ObjectView view) {
    // The revisions first: what comes meanwhile makes the next request read again.
    Configuration configuration = new Configuration(view.revision(SCHEMAS), view.revision(LEVELS));
    List<PriorityLevel> levels = view.list(LEVELS, "").stream().map(PriorityLevel::of).toList();
    List<FlowSchema> schemas = view.list(SCHEMAS, "").stream().map(FlowSchema::of).toList();
    boolean begun = levels.stream().anyMatch(level -> level.name().equals(FlowObjects.CATCH_ALL));
    configuration.take(levels, schemas, begun);
    return configuration;
  }

  private void take(List<PriorityLevel> given, List<FlowSchema> schemas, boolean begun) {
    given.forEach(level -> levels.put(level.name(), level));
    // Before a new cluster has its objects, what they will be counts.
    FlowObjects.levels().stream()
        .map(PriorityLevel::of)
        .filter(level -> !begun || mandatory(level.name()))
        .forEach(level -> levels.putIfAbsent(level.name(), level));
    Map<String, FlowSchema> named = new LinkedHashMap<>();
    schemas.forEach(schema -> named.put(schema.name(), schema));
    FlowObjects.schemas().stream()
        .map(FlowSchema::of)
        .filter(schema -> !begun || mandatory(schema.name()))
        .forEach(schema -> named.putIfAbsent(schema.name(), schema));
    named.values().stream()
        .sorted(Comparator.comparingInt(FlowSchema::precedence).thenComparing(FlowSchema::name))
        .forEach(schema -> {
          PriorityLevel level = levels.get(schema.level());
          // A schema whose level is not there is as if it were not there itself.
          if (level != null) {
            routes.add(new Route(schema, level, new Route.Counts()));
          }
        });
  }

  private static boolean mandatory(String name) {
    return name.equals(FlowObjects.EXEMPT) || name.equals(FlowObjects.CATCH_ALL);
  }

  boolean holds(ObjectView view) {
    return schemasAt == view.revision(SCHEMAS) && levelsAt == view.revision(LEVELS);
  }

  Collection<PriorityLevel> levels() {
    return levels.values();
  }

  List<Route> routes() {
    return routes;
  }

  /** The first schema that matches; the last one for what none does. */
  Route route(Attributes attributes) {
    for (Route route : routes) {
      if (route.schema().matches(attributes)) {
        return route;
      }
    }
    return routes.getLast();
  }
}
