package dev.coxswain.apiserver.audit;

import dev.coxswain.runtime.program.ConfigFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a {@code Policy} of {@code audit.k8s.io/v1}. */
final class PolicyFile {
  private static final String VERSION = "audit.k8s.io/v1";

  private PolicyFile() {}

  private record Document(
      @Nullable String apiVersion,
      @Nullable String kind,
      @Nullable Map<String, Object> metadata,
      @Nullable List<RuleEntry> rules,
      @Nullable List<String> omitStages,
      @Nullable Boolean omitManagedFields) {}

  private record RuleEntry(
      @Nullable String level,
      @Nullable List<String> users,
      @Nullable List<String> userGroups,
      @Nullable List<String> verbs,
      @Nullable List<ResourcesEntry> resources,
      @Nullable List<String> namespaces,
      @Nullable List<String> nonResourceURLs,
      @Nullable List<String> omitStages,
      @Nullable Boolean omitManagedFields) {}

  private record ResourcesEntry(
      @Nullable String group,
      @Nullable List<String> resources,
      @Nullable List<String> resourceNames) {}

  /**
   * Reads the file.
   *
   * @throws IllegalArgumentException naming the file, the field and what is wrong with it
   */
  static AuditPolicy read(Path file) {
    Document document = ConfigFile.read(file, Document.class);
    List<String> errors = new ArrayList<>();
    if (!VERSION.equals(document.apiVersion()) || !"Policy".equals(document.kind())) {
      errors.add("apiVersion and kind: must be " + VERSION + " and Policy");
    }
    Set<Stage> omitted = stages(document.omitStages(), "omitStages", errors);
    List<AuditRule> rules = new ArrayList<>();
    for (RuleEntry entry : all(document.rules())) {
      rules.add(rule(entry, "rules[" + rules.size() + "]", omitted, errors));
    }
    if (rules.isEmpty()) {
      errors.add("rules: Required value: there must be one at least");
    }
    if (!errors.isEmpty()) {
      throw new IllegalArgumentException("audit policy " + file + ": " + String.join("; ", errors));
    }
    return new AuditPolicy(rules, omitted, Boolean.TRUE.equals(document.omitManagedFields()));
  }

  private static AuditRule rule(
      RuleEntry entry, String path, Set<Stage> omitted, List<String> errors) {
    String text = entry.level() == null ? "" : entry.level();
    Level level = Level.of(text).orElse(Level.NONE);
    if (Level.of(text).isEmpty()) {
      errors.add(
          path
              + ".level: Unsupported value: \""
              + text
              + "\": supported values: \"Metadata\", \"None\", \"Request\", \"RequestResponse\"");
    }
    List<AuditRule.Resources> resources = new ArrayList<>();
    for (ResourcesEntry some : all(entry.resources())) {
      if (!all(some.resourceNames()).isEmpty() && all(some.resources()).isEmpty()) {
        errors.add(
            path
                + ".resources["
                + resources.size()
                + "].resourceNames: Invalid value: using resourceNames requires at least one"
                + " resource");
      }
      resources.add(
          new AuditRule.Resources(
              some.group() == null ? "" : some.group(),
              all(some.resources()),
              all(some.resourceNames())));
    }
    List<String> urls = all(entry.nonResourceURLs());
    if (!urls.isEmpty() && !(resources.isEmpty() && all(entry.namespaces()).isEmpty())) {
      errors.add(
          path
              + ".nonResourceURLs: Invalid value: rules cannot apply to both regular resources and"
              + " non-resource URLs");
    }
    for (String url : urls) {
      boolean valid =
          url.equals("*")
              || (url.startsWith("/") && url.substring(0, url.length() - 1).indexOf('*') < 0);
      if (!valid) {
        errors.add(
            path
                + ".nonResourceURLs: Invalid value: \""
                + url
                + "\": non-resource URLs begin with '/', and '*' may only be the final character");
      }
    }
    Set<Stage> stages = EnumSet.noneOf(Stage.class);
    stages.addAll(omitted);
    stages.addAll(stages(entry.omitStages(), path + ".omitStages", errors));
    return new AuditRule(
        level,
        all(entry.users()),
        all(entry.userGroups()),
        all(entry.verbs()),
        List.copyOf(resources),
        all(entry.namespaces()),
        urls,
        stages,
        entry.omitManagedFields());
  }

  private static Set<Stage> stages(@Nullable List<String> names, String path, List<String> errors) {
    Set<Stage> stages = EnumSet.noneOf(Stage.class);
    for (String name : all(names)) {
      Stage.of(name)
          .ifPresentOrElse(
              stages::add,
              () ->
                  errors.add(
                      path
                          + ": Unsupported value: \""
                          + name
                          + "\": supported values: \"Panic\", \"RequestReceived\","
                          + " \"ResponseComplete\", \"ResponseStarted\""));
    }
    return stages;
  }

  private static <T> List<T> all(@Nullable List<T> list) {
    return list == null ? List.of() : List.copyOf(list);
  }
}
