package dev.coxswain.apiserver.cel.library;

import static dev.coxswain.apiserver.cel.library.ExtensionFunction.member;
import static dev.coxswain.apiserver.cel.library.Values.STRING;

import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.coxswain.api.selector.FieldSelector;
import dev.coxswain.apiserver.authn.ServiceAccountNames;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Attributes;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.authz.Decision;
import dev.coxswain.apiserver.cel.library.ExtensionFunction.Parameter;
import java.util.List;

/**
 * {@code authorizer.group('apps').resource('deployments').check('create').allowed()}: whether
 * somebody may do something, which {@code fieldSelector} and {@code labelSelector} narrow to what
 * they select. No authorizer here looks at labels.
 */
public final class AuthorizerFunctions {
  /** The type of {@code authorizer}. */
  public static final OpaqueType AUTHORIZER =
      OpaqueType.create("kubernetes.authorization.Authorizer");

  /** The type of {@code authorizer.requestResource}. */
  public static final OpaqueType RESOURCE_CHECK =
      OpaqueType.create("kubernetes.authorization.ResourceCheck");

  private static final OpaqueType PATH_CHECK =
      OpaqueType.create("kubernetes.authorization.PathCheck");
  private static final OpaqueType GROUP_CHECK =
      OpaqueType.create("kubernetes.authorization.GroupCheck");
  private static final OpaqueType DECISION = OpaqueType.create("kubernetes.authorization.Decision");

  private static final Parameter OF_AUTHORIZER = new Parameter(AUTHORIZER, Who.class);
  private static final Parameter OF_PATH = new Parameter(PATH_CHECK, PathCheck.class);
  private static final Parameter OF_GROUP = new Parameter(GROUP_CHECK, GroupCheck.class);
  private static final Parameter OF_RESOURCE = new Parameter(RESOURCE_CHECK, ResourceCheck.class);
  private static final List<Parameter> OF_DECISION =
      List.of(new Parameter(DECISION, Decision.class));

  private AuthorizerFunctions() {}

  /** Who is asked about, and who answers. */
  public record Who(UserInfo user, Authorizer authorizer) {}

  private record PathCheck(Who who, String path) {}

  private record GroupCheck(Who who, String group) {}

  /** A resource, perhaps of one namespace or one object, that somebody wants to use. */
  public record ResourceCheck(
      Who who,
      String group,
      String resource,
      String subresource,
      String namespace,
      String name,
      List<FieldSelector.Term> fields) {

    /** One that no field narrows. */
    public ResourceCheck(
        Who who, String group, String resource, String subresource, String namespace, String name) {
      this(who, group, resource, subresource, namespace, name, List.of());
    }
  }

  static List<ExtensionFunction> all() {
    return List.of(
        member(
            "path",
            "authorizer_path",
            PATH_CHECK,
            List.of(OF_AUTHORIZER, STRING),
            a -> new PathCheck((Who) a[0], given(a[1], "path must not be empty"))),
        member(
            "group",
            "authorizer_group",
            GROUP_CHECK,
            List.of(OF_AUTHORIZER, STRING),
            a -> new GroupCheck((Who) a[0], (String) a[1])),
        member(
            "serviceAccount",
            "authorizer_serviceaccount",
            AUTHORIZER,
            List.of(OF_AUTHORIZER, STRING, STRING),
            a -> serviceAccount((Who) a[0], (String) a[1], (String) a[2])),
        member(
            "resource",
            "groupcheck_resource",
            RESOURCE_CHECK,
            List.of(OF_GROUP, STRING),
            a -> resource((GroupCheck) a[0], given(a[1], "resource must not be empty"))),
        member(
            "subresource",
            "resourcecheck_subresource",
            RESOURCE_CHECK,
            List.of(OF_RESOURCE, STRING),
            a -> below((ResourceCheck) a[0], (String) a[1])),
        member(
            "namespace",
            "resourcecheck_namespace",
            RESOURCE_CHECK,
            List.of(OF_RESOURCE, STRING),
            a -> within((ResourceCheck) a[0], (String) a[1])),
        member(
            "name",
            "resourcecheck_name",
            RESOURCE_CHECK,
            List.of(OF_RESOURCE, STRING),
            a -> named((ResourceCheck) a[0], (String) a[1])),
        member(
            "fieldSelector",
            "authorizer_fieldselector",
            RESOURCE_CHECK,
            List.of(OF_RESOURCE, STRING),
            a -> narrowed((ResourceCheck) a[0], (String) a[1])),
        member(
            "labelSelector",
            "authorizer_labelselector",
            RESOURCE_CHECK,
            List.of(OF_RESOURCE, STRING),
            a -> a[0]),
        member(
            "check",
            "pathcheck_check",
            DECISION,
            List.of(OF_PATH, STRING),
            a -> check((PathCheck) a[0], (String) a[1])),
        member(
            "check",
            "resourcecheck_check",
            DECISION,
            List.of(OF_RESOURCE, STRING),
            a -> check((ResourceCheck) a[0], (String) a[1])),
        member(
            "allowed",
            "decision_allowed",
            SimpleType.BOOL,
            OF_DECISION,
            a -> a[0] instanceof Decision.Allow),
        member(
            "reason",
            "decision_reason",
            SimpleType.STRING,
            OF_DECISION,
            a -> ((Decision) a[0]).reason()),
        member("errored", "decision_errored", SimpleType.BOOL, OF_DECISION, _ -> false),
        member("error", "decision_error", SimpleType.STRING, OF_DECISION, _ -> ""));
  }

  private static String given(Object text, String problem) {
    if (text.equals("")) {
      throw new CelInvalidArgumentException(problem);
    }
    return (String) text;
  }

  private static Who serviceAccount(Who who, String namespace, String name) {
    if (name.isEmpty() || namespace.isEmpty()) {
      throw new CelInvalidArgumentException(
          "Invalid service account " + (name.isEmpty() ? "name" : "namespace"));
    }
    UserInfo user =
        UserInfo.of(
            ServiceAccountNames.user(namespace, name), ServiceAccountNames.groups(namespace));
    return new Who(user.with(UserInfo.AUTHENTICATED), who.authorizer());
  }

  private static ResourceCheck resource(GroupCheck group, String resource) {
    return new ResourceCheck(group.who(), group.group(), resource, "", "", "");
  }

  private static ResourceCheck below(ResourceCheck check, String subresource) {
    return new ResourceCheck(
        check.who,
        check.group,
        check.resource,
        subresource,
        check.namespace,
        check.name,
        check.fields);
  }

  private static ResourceCheck within(ResourceCheck check, String namespace) {
    return new ResourceCheck(
        check.who,
        check.group,
        check.resource,
        check.subresource,
        namespace,
        check.name,
        check.fields);
  }

  private static ResourceCheck named(ResourceCheck check, String name) {
    return new ResourceCheck(
        check.who,
        check.group,
        check.resource,
        check.subresource,
        check.namespace,
        name,
        check.fields);
  }

  /** A selector that makes no sense narrows nothing, as that of a request. */
  private static ResourceCheck narrowed(ResourceCheck check, String selector) {
    List<FieldSelector.Term> fields;
    try {
      fields = FieldSelector.parse(selector).terms();
    } catch (IllegalArgumentException senseless) {
      fields = List.of();
    }
    return new ResourceCheck(
        check.who,
        check.group,
        check.resource,
        check.subresource,
        check.namespace,
        check.name,
        fields);
  }

  private static Decision check(PathCheck check, String verb) {
    return check
        .who
        .authorizer()
        .authorize(
            new Attributes(check.who.user(), verb, false, "", "", "", "", "", "", check.path));
  }

  private static Decision check(ResourceCheck check, String verb) {
    return check
        .who
        .authorizer()
        .authorize(
            new Attributes(
                check.who.user(),
                verb,
                true,
                check.group,
                "*",
                check.resource,
                check.subresource,
                check.namespace,
                check.name,
                "",
                check.fields));
  }
}
