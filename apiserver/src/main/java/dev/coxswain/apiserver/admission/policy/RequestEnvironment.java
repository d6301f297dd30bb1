package dev.coxswain.apiserver.admission.policy;

import com.google.common.collect.ImmutableSet;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.cel.Environment;
import dev.coxswain.apiserver.cel.KindTypes;
import dev.coxswain.apiserver.cel.RequestTypes;
import dev.coxswain.apiserver.cel.library.AuthorizerFunctions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What the expressions of one policy may name. Variables are added one after the other, each seen
 * by those that follow.
 */
final class RequestEnvironment {
  private final CelType object;
  private final @Nullable CelType params;
  private final KindTypes kinds;
  private final Map<String, CelType> variables = new LinkedHashMap<>();

  private RequestEnvironment(CelType object, @Nullable CelType params, KindTypes kinds) {
    this.object = object;
    this.params = params;
    this.kinds = kinds;
  }

  /** For requests about objects of any kind. */
  static RequestEnvironment untyped(boolean params) {
    return new RequestEnvironment(SimpleType.DYN, params ? SimpleType.DYN : null, new KindTypes());
  }

  /** For requests about objects of one kind. */
  static RequestEnvironment typed(CelType object, @Nullable CelType params, KindTypes kinds) {
    return new RequestEnvironment(object, params, kinds);
  }

  void declare(Compiled variable) {
    variables.put(
        variable.name(),
        variable.expression() == null ? SimpleType.DYN : variable.expression().type());
  }

  /** Compiles a list of {@code variables}, and declares each for those that follow. */
  List<Compiled> compile(JsonNode list) {
    List<Compiled> compiled = new ArrayList<>();
    for (JsonNode variable : list) {
      Compiled one =
          Compiled.variable(
              environment(), Json.text(variable, "name"), Json.text(variable, "expression"));
      declare(one);
      compiled.add(one);
    }
    return compiled;
  }

  /** The environment with the variables that were declared so far. */
  Environment environment() {
    Map<String, CelType> names = new HashMap<>();
    names.put("object", object);
    names.put("oldObject", object);
    names.put("request", RequestTypes.REQUEST.type());
    names.put("namespaceObject", RequestTypes.NAMESPACE.type());
    names.put("authorizer", AuthorizerFunctions.AUTHORIZER);
    names.put("authorizer.requestResource", AuthorizerFunctions.RESOURCE_CHECK);
    if (params != null) {
      names.put("params", params);
    }
    CelType composed = composed();
    names.put("variables", composed);
    return Environment.of(
        names, List.of(RequestTypes.REQUEST, RequestTypes.NAMESPACE), kinds.with(composed));
  }

  @SuppressWarnings("Immutable") // a copy that nobody changes
  private CelType composed() {
    Map<String, CelType> fields = Map.copyOf(variables);
    return StructType.create(
        "kubernetes.variables",
        ImmutableSet.copyOf(fields.keySet()),
        name -> Optional.ofNullable(fields.get(name)));
  }
}
