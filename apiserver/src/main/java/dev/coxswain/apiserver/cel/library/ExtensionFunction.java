package dev.coxswain.apiserver.cel.library;

import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.runtime.CelFunctionBinding;
import java.util.List;

/**
 * A function in one of its forms, as the checker and the evaluator know it.
 *
 * @param name the name that expressions use
 * @param declaration what it takes and gives
 * @param binding what it does
 */
public record ExtensionFunction(
    String name, CelOverloadDecl declaration, CelFunctionBinding binding) {

  /** A type, as the checker and as the evaluator know it. */
  record Parameter(CelType type, Class<?> value) {}

  /** What a function does with its arguments, the one before the dot first. */
  @FunctionalInterface
  interface Body {
    Object apply(Object[] arguments);
  }

  /** A function that is called on a value: {@code first.name(rest)}. */
  static ExtensionFunction member(
      String name, String id, CelType result, List<Parameter> parameters, Body body) {
    return new ExtensionFunction(
        name,
        CelOverloadDecl.newMemberOverload(id, result, types(parameters)),
        binding(id, parameters, body));
  }

  /** A function that stands alone: {@code name(parameters)}. */
  static ExtensionFunction global(
      String name, String id, CelType result, List<Parameter> parameters, Body body) {
    return new ExtensionFunction(
        name,
        CelOverloadDecl.newGlobalOverload(id, result, types(parameters)),
        binding(id, parameters, body));
  }

  private static List<CelType> types(List<Parameter> parameters) {
    return parameters.stream().map(Parameter::type).toList();
  }

  @SuppressWarnings("Immutable") // what functions do holds nothing that changes
  private static CelFunctionBinding binding(String id, List<Parameter> parameters, Body body) {
    List<Class<?>> values = List.copyOf(parameters.stream().map(Parameter::value).toList());
    return CelFunctionBinding.from(id, values, body::apply);
  }
}
