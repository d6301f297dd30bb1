package dev.coxswain.apiserver.discovery;

import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The served resources by group and version. */
public final class GroupVersions {
  private static final Pattern VERSION =
      Pattern.compile("v([1-9][0-9]{0,8})((alpha|beta)([1-9][0-9]{0,8}))?");

  /** The preferred version first: v2, v1, v1beta2, v1beta1, v1alpha1, and then by name. */
  public static final Comparator<String> PREFERENCE =
      Comparator.comparingInt(GroupVersions::stability)
          .thenComparing(Comparator.comparingInt(GroupVersions::major).reversed())
          .thenComparing(Comparator.comparingInt(GroupVersions::minor).reversed())
          .thenComparing(Comparator.naturalOrder());

  private GroupVersions() {}

  /** The resources of each version of each group, groups in the order of their declaration. */
  public static Map<String, Map<String, List<ResourceType>>> of(ResourceRegistry registry) {
    Map<String, Map<String, List<ResourceType>>> groups = new LinkedHashMap<>();
    for (ResourceType type : registry.all()) {
      groups
          .computeIfAbsent(type.kind().group(), _ -> new TreeMap<>(PREFERENCE))
          .merge(
              type.kind().version(),
              List.of(type),
              (before, more) ->
                  java.util.stream.Stream.concat(before.stream(), more.stream()).toList());
    }
    return groups;
  }

  private static int stability(String version) {
    Matcher matcher = VERSION.matcher(version);
    if (!matcher.matches()) {
      return 3;
    }
    String stage = matcher.group(3);
    if (stage == null) {
      return 0;
    }
    return stage.equals("beta") ? 1 : 2;
  }

  private static int major(String version) {
    Matcher matcher = VERSION.matcher(version);
    return matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
  }

  private static int minor(String version) {
    Matcher matcher = VERSION.matcher(version);
    return matcher.matches() && matcher.group(4) != null ? Integer.parseInt(matcher.group(4)) : 0;
  }
}
