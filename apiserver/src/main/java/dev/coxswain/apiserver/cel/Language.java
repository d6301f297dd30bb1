package dev.coxswain.apiserver.cel;

import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelComprehensionsExtensions;
import dev.cel.extensions.CelExtensions;
import dev.cel.extensions.CelListsExtensions;
import dev.cel.extensions.CelOptionalLibrary;
import dev.cel.extensions.CelSetsExtensions;
import dev.cel.extensions.CelStringExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelStandardFunctions;
import dev.cel.runtime.CelStandardFunctions.StandardFunction;
import dev.cel.runtime.RuntimeHelpers;
import dev.cel.runtime.standard.CelStandardOverload;
import dev.cel.validator.CelValidator;
import dev.cel.validator.CelValidatorFactory;
import dev.cel.validator.validators.DurationLiteralValidator;
import dev.cel.validator.validators.HomogeneousLiteralValidator;
import dev.cel.validator.validators.TimestampLiteralValidator;
import dev.coxswain.apiserver.cel.library.ExtensionFunction;
import dev.coxswain.apiserver.cel.library.Libraries;
import java.math.BigDecimal;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The language as Kubernetes has it: which extensions there are and where its functions differ.
 * Loaded with the first expression, so that a server without any pays nothing.
 */
final class Language {
  static final CelOptions OPTIONS =
      CelOptions.current()
          .enableHeterogeneousNumericComparisons(true)
          .enableOptionalSyntax(true)
          .comprehensionMaxIterations(-1)
          .build();

  /** What is bound anew below. */
  private static final Set<String> REPLACED = Set.of("ADD_LIST", "DOUBLE_TO_STRING");

  private static final Set<StandardFunction> EQUALITY =
      EnumSet.of(StandardFunction.EQUALS, StandardFunction.NOT_EQUALS);
  private static final CelOptionalLibrary OPTIONAL = CelExtensions.optional(2);
  private static final CelStringExtensions STRINGS = CelExtensions.strings(strings());
  private static final CelSetsExtensions SETS = CelExtensions.sets(OPTIONS);
  private static final CelListsExtensions LISTS = CelExtensions.lists();
  private static final CelComprehensionsExtensions COMPREHENSIONS = CelExtensions.comprehensions();
  private static final List<ExtensionFunction> FUNCTIONS = Libraries.all();
  private static final List<CelFunctionDecl> DECLARATIONS = declarations();
  private static final CelRuntime RUNTIME = createRuntime();

  private Language() {}

  /** All but {@code reverse}, which Kubernetes does not have for strings. */
  private static Set<CelStringExtensions.Function> strings() {
    return EnumSet.complementOf(EnumSet.of(CelStringExtensions.Function.REVERSE));
  }

  private static List<CelFunctionDecl> declarations() {
    Map<String, Set<CelOverloadDecl>> byName = new LinkedHashMap<>();
    for (ExtensionFunction function : FUNCTIONS) {
      byName
          .computeIfAbsent(function.name(), _ -> new LinkedHashSet<>())
          .add(function.declaration());
    }
    return byName.entrySet().stream()
        .map(entry -> CelFunctionDecl.newFunctionDeclaration(entry.getKey(), entry.getValue()))
        .toList();
  }

  /** Begins a compiler, which still lacks its variables. */
  static CelCompilerBuilder compiler() {
    return CelCompilerFactory.standardCelCompilerBuilder()
        .setOptions(OPTIONS)
        .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
        .addLibraries(OPTIONAL, STRINGS, SETS, LISTS, COMPREHENSIONS)
        .addFunctionDeclarations(DECLARATIONS);
  }

  static CelRuntime runtime() {
    return RUNTIME;
  }

  /**
   * What the checker does not look at: literals of mixed types, patterns and times that are none.
   */
  static CelValidator validator(CelCompiler compiler) {
    return CelValidatorFactory.standardCelValidatorBuilder(compiler, RUNTIME)
        .addAstValidators(
            HomogeneousLiteralValidator.newInstance("format"),
            new PatternLiterals(),
            TimestampLiteralValidator.INSTANCE,
            DurationLiteralValidator.INSTANCE)
        .build();
  }

  @SuppressWarnings("Immutable") // Sameness holds nothing that changes
  private static CelRuntime createRuntime() {
    Sameness sameness = new Sameness(OPTIONS);
    return CelRuntimeFactory.legacyCelRuntimeBuilder()
        .setOptions(OPTIONS)
        .setStandardEnvironmentEnabled(false)
        .setStandardFunctions(
            CelStandardFunctions.newBuilder().filterFunctions(Language::isStandard).build())
        .addLibraries(OPTIONAL, STRINGS, SETS, LISTS, COMPREHENSIONS)
        .addFunctionBindings(FUNCTIONS.stream().map(ExtensionFunction::binding).toList())
        .addFunctionBindings(
            CelFunctionBinding.from("equals", Object.class, Object.class, sameness::same),
            CelFunctionBinding.from(
                "not_equals", Object.class, Object.class, (a, b) -> !sameness.same(a, b)),
            CelFunctionBinding.from("add_list", List.class, List.class, Language::concatenate),
            CelFunctionBinding.from("double_to_string", Double.class, Language::decimal))
        .build();
  }

  private static boolean isStandard(StandardFunction function, CelStandardOverload overload) {
    String name = overload instanceof Enum<?> constant ? constant.name() : "";
    return !EQUALITY.contains(function) && !REPLACED.contains(name);
  }

  @SuppressWarnings("unchecked") // what the lists hold does not matter here
  private static List<?> concatenate(List<?> one, List<?> other) {
    return one instanceof CorrelatedList list && list.equality() != ValueType.Equality.ORDERED
        ? list.plus(other)
        : RuntimeHelpers.concat((List<Object>) one, (List<Object>) other);
  }

  /** As Go prints numbers: {@code 5} and not {@code 5.0}. */
  private static String decimal(Double number) {
    return Double.isFinite(number) && Math.abs(number) < 1e21
        ? new BigDecimal(number.toString()).stripTrailingZeros().toPlainString()
        : number.toString();
  }
}
