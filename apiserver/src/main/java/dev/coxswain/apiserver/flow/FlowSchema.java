package dev.coxswain.apiserver.flow;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.authn.ServiceAccountNames;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Attributes;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A FlowSchema: which requests are of which level, and which of them are one flow.
 *
 * @param precedence the lower, the sooner it is asked
 * @param level the name of the priority level
 */
record FlowSchema(
    String name,
    String uid,
    int precedence,
    String level,
    Distinguisher distinguisher,
    List<Rule> rules) {

  /** What tells one flow of a schema from another. */
  enum Distinguisher {
    BY_USER,
    BY_NAMESPACE,
    NONE
  }

  /** Some users' requests for some resources or paths. */
  record Rule(List<Subject> subjects, List<ResourceRule> resources, List<PathRule> paths) {
    boolean matches(Attributes attributes) {
      return subjects.stream().anyMatch(subject -> subject.is(attributes.user()))
          && (attributes.resourceRequest()
              ? resources.stream().anyMatch(rule -> rule.matches(attributes))
              : paths.stream().anyMatch(rule -> rule.matches(attributes)));
    }
  }

  /** A user, a group or service accounts. */
  record Subject(String kind, String namespace, String name) {
    boolean is(UserInfo user) {
      return switch (kind) {
        case "User" -> name.equals("*") || name.equals(user.name());
        case "Group" -> name.equals("*") || user.in(name);
        case "ServiceAccount" ->
            name.equals("*")
                ? user.name().startsWith(ServiceAccountNames.user(namespace, ""))
                : user.name().equals(ServiceAccountNames.user(namespace, name));
        default -> false;
      };
    }
  }

  record ResourceRule(
      List<String> verbs,
      List<String> groups,
      List<String> resources,
      List<String> namespaces,
      boolean clusterScope) {
    boolean matches(Attributes attributes) {
      boolean scope =
          attributes.namespace().isEmpty() ? clusterScope : any(namespaces, attributes.namespace());
      return scope
          && any(verbs, attributes.verb())
          && any(groups, attributes.group())
          && any(resources, attributes.resourceWithSubresource());
    }
  }

  record PathRule(List<String> verbs, List<String> paths) {
    boolean matches(Attributes attributes) {
      return any(verbs, attributes.verb())
          && paths.stream().anyMatch(pattern -> under(pattern, attributes.path()));
    }

    private static boolean under(String pattern, String path) {
      return pattern.endsWith("*")
          ? path.startsWith(pattern.substring(0, pattern.length() - 1))
          : path.equals(pattern);
    }
  }

  private static boolean any(List<String> wanted, String value) {
    return wanted.contains("*") || wanted.contains(value);
  }

  boolean matches(Attributes attributes) {
    for (Rule rule : rules) {
      if (rule.matches(attributes)) {
        return true;
      }
    }
    return false;
  }

  /** A number that requests of one flow share. */
  long flow(Attributes attributes) {
    String who =
        switch (distinguisher) {
          case BY_USER -> attributes.user().name();
          case BY_NAMESPACE -> attributes.namespace();
          case NONE -> "";
        };
    return mixed(((long) name.hashCode() << 32) ^ mixed(who.hashCode() * 0x9E37_79B9L));
  }

  /** Spreads what differs in few bits over all (the finalizer of MurmurHash3). */
  private static long mixed(long bits) {
    long once = (bits ^ (bits >>> 33)) * 0xFF51_AFD7_ED55_8CCDL;
    long twice = (once ^ (once >>> 33)) * 0xC4CE_B9FE_1A85_EC53L;
    return twice ^ (twice >>> 33);
  }

  static FlowSchema of(ObjectNode object) {
    JsonNode spec = object.path("spec");
    List<Rule> rules = new ArrayList<>();
    for (JsonNode rule : spec.path("rules")) {
      rules.add(rule(rule));
    }
    return new FlowSchema(
        Json.text(object, "metadata", "name"),
        Json.text(object, "metadata", "uid"),
        Math.clamp(Json.number(spec, 1000, "matchingPrecedence"), 1, 10_000),
        Json.text(spec, "priorityLevelConfiguration", "name"),
        switch (Json.text(spec, "distinguisherMethod", "type")) {
          case "ByUser" -> Distinguisher.BY_USER;
          case "ByNamespace" -> Distinguisher.BY_NAMESPACE;
          default -> Distinguisher.NONE;
        },
        rules);
  }

  private static Rule rule(JsonNode rule) {
    List<Subject> subjects = new ArrayList<>();
    for (JsonNode subject : rule.path("subjects")) {
      String kind = Json.text(subject, "kind");
      JsonNode named =
          switch (kind) {
            case "User" -> subject.path("user");
            case "Group" -> subject.path("group");
            default -> subject.path("serviceAccount");
          };
      subjects.add(new Subject(kind, Json.text(named, "namespace"), Json.text(named, "name")));
    }
    List<ResourceRule> resources = new ArrayList<>();
    for (JsonNode resource : rule.path("resourceRules")) {
      resources.add(
          new ResourceRule(
              texts(resource.path("verbs")),
              texts(resource.path("apiGroups")),
              texts(resource.path("resources")),
              texts(resource.path("namespaces")),
              Json.flag(resource, "clusterScope")));
    }
    List<PathRule> paths = new ArrayList<>();
    for (JsonNode path : rule.path("nonResourceRules")) {
      paths.add(new PathRule(texts(path.path("verbs")), texts(path.path("nonResourceURLs"))));
    }
    return new Rule(subjects, resources, paths);
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asString("")));
    return texts;
  }
}
