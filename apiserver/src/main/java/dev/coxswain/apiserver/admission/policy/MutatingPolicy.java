package dev.coxswain.apiserver.admission.policy;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.admission.webhook.Criteria;
import dev.coxswain.apiserver.cel.Environment;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A MutatingAdmissionPolicy, its expressions compiled.
 *
 * @param criteria the requests that it is about
 * @param variables in their order
 * @param mutations in their order
 * @param paramKind the {@code paramKind}; missing where it takes no parameters
 * @param failsClosed whether an error refuses the request
 * @param reinvocable whether it wants to see what others make of the object after it
 */
record MutatingPolicy(
    String name,
    Criteria criteria,
    ConditionSet conditions,
    List<Compiled> variables,
    List<Mutation> mutations,
    JsonNode paramKind,
    boolean failsClosed,
    boolean reinvocable)
    implements BoundPolicy {

  /** One change of an object. */
  sealed interface Mutation {
    /** What makes it. */
    Compiled expression();

    /** Fields are merged into the object. */
    record Configuration(Compiled expression) implements Mutation {}

    /** The object is patched. */
    record Patch(Compiled expression) implements Mutation {}
  }

  static MutatingPolicy of(ObjectNode policy) {
    JsonNode spec = policy.path("spec");
    RequestEnvironment declarations = RequestEnvironment.untyped(spec.path("paramKind").isObject());
    ConditionSet conditions =
        ConditionSet.of(spec.path("matchConditions"), declarations.environment());
    List<Compiled> variables = declarations.compile(spec.path("variables"));
    Environment environment = declarations.environment();
    List<Mutation> mutations = new ArrayList<>();
    for (JsonNode mutation : spec.path("mutations")) {
      mutations.add(mutation(mutation, environment));
    }
    return new MutatingPolicy(
        Json.text(policy, "metadata", "name"),
        Criteria.of(spec.path("matchConstraints")),
        conditions,
        variables,
        mutations,
        spec.path("paramKind"),
        !Json.text(spec, "failurePolicy").equals("Ignore"),
        Json.text(spec, "reinvocationPolicy").equals("IfNeeded"));
  }

  private static Mutation mutation(JsonNode mutation, Environment environment) {
    return switch (Json.text(mutation, "patchType")) {
      case "ApplyConfiguration" ->
          new Mutation.Configuration(
              Compiled.configuration(
                  environment, Json.text(mutation, "applyConfiguration", "expression")));
      case "JSONPatch" ->
          new Mutation.Patch(
              Compiled.patch(environment, Json.text(mutation, "jsonPatch", "expression")));
      default ->
          throw new IllegalArgumentException(
              "patchType \"" + Json.text(mutation, "patchType") + "\" is not known");
    };
  }
}
