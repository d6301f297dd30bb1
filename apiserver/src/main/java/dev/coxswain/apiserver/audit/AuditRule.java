package dev.coxswain.apiserver.audit;

import dev.coxswain.apiserver.authz.Attributes;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One rule of a policy; an empty list matches everything.
 *
 * @param namespaces of the resources; the empty string is for those that are in none
 * @param omitManagedFields null where the policy's own word counts
 */
record AuditRule(
    Level level,
    List<String> users,
    List<String> groups,
    List<String> verbs,
    List<Resources> resources,
    List<String> namespaces,
    List<String> paths,
    Set<Stage> omitStages,
    @Nullable Boolean omitManagedFields) {

  /**
   * Resources of one group.
   *
   * @param resources {@code pods}, {@code pods/log}, {@code pods/*}, {@code *}{@code /scale} or
   *     {@code *}
   */
  record Resources(String group, List<String> resources, List<String> names) {
    boolean match(Attributes attributes) {
      if (!group.equals(attributes.group())) {
        return false;
      }
      return resources.isEmpty()
          || ((names.isEmpty() || names.contains(attributes.name()))
              && resources.stream().anyMatch(pattern -> matches(pattern, attributes)));
    }

    private static boolean matches(String pattern, Attributes attributes) {
      return pattern.equals("*")
          || pattern.equals(attributes.resourceWithSubresource())
          || (!attributes.subresource().isEmpty()
              && pattern.equals("*/" + attributes.subresource()))
          || pattern.equals(attributes.resource() + "/*");
    }
  }

  boolean matches(Attributes attributes) {
    if (!fits(users, attributes.user().name())
        || !(groups.isEmpty() || attributes.user().groups().stream().anyMatch(groups::contains))
        || !fits(verbs, attributes.verb())) {
      return false;
    }
    if (!namespaces.isEmpty() || !resources.isEmpty()) {
      return attributes.resourceRequest()
          && fits(namespaces, attributes.namespace())
          && (resources.isEmpty() || resources.stream().anyMatch(some -> some.match(attributes)));
    }
    if (!paths.isEmpty()) {
      return !attributes.resourceRequest()
          && paths.stream().anyMatch(pattern -> below(pattern, attributes.path()));
    }
    return true;
  }

  private static boolean fits(List<String> wanted, String value) {
    return wanted.isEmpty() || wanted.contains(value);
  }

  private static boolean below(String pattern, String path) {
    return pattern.endsWith("*")
        ? path.startsWith(pattern.substring(0, pattern.length() - 1))
        : path.equals(pattern);
  }
}
