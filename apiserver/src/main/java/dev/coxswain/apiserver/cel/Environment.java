package dev.coxswain.apiserver.cel;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.cel.checker.CelChecker;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.validator.CelValidator;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What expressions may use. Immutable. */
public final class Environment {
  private final CelCompiler compiler;
  private final CelValidator validator;
  private final ObjectTypes types;

  /** Whether expressions may make objects, and not only look at them. */
  private final boolean constructs;

  private Environment(CelCompiler compiler, ObjectTypes types, boolean constructs) {
    this.compiler = compiler;
    this.validator = Language.validator(compiler);
    this.types = types;
    this.constructs = constructs;
  }

  /**
   * An environment.
   *
   * @param variables the variables with their types
   * @param types the types of which objects the variables are made
   */
  public static Environment of(Map<String, CelType> variables, Collection<ValueType> types) {
    return of(variables, types, new KindTypes());
  }

  /** An environment with variables of whole kinds. */
  public static Environment of(
      Map<String, CelType> variables, Collection<ValueType> types, KindTypes kinds) {
    CelCompilerBuilder builder = Language.compiler();
    variables.forEach(builder::addVar);
    Map<String, CelType> objects = new LinkedHashMap<>();
    types.forEach(type -> type.eachObject(objects::put));
    ObjectTypes provider = new ObjectTypes(ImmutableMap.copyOf(objects), kinds);
    return new Environment(builder.setTypeProvider(provider).build(), provider, false);
  }

  /** The same, for expressions that make an {@code Object} or a list of {@code JSONPatch}. */
  public Environment constructing() {
    return new Environment(compiler, types, true);
  }

  /** Finds the types of objects by their names. */
  @SuppressWarnings("Immutable") // types are only added
  private record ObjectTypes(ImmutableMap<String, CelType> objects, KindTypes kinds)
      implements CelTypeProvider {

    @Override
    public ImmutableList<CelType> types() {
      return ImmutableList.<CelType>builder().addAll(objects.values()).addAll(kinds.all()).build();
    }

    @Override
    public Optional<CelType> findType(String name) {
      CelType known = objects.get(name);
      return known == null ? kinds.find(name) : Optional.of(known);
    }
  }

  /** Compiles and checks an expression. */
  public Expression compile(String text) throws MalformedExpressionException {
    try {
      CelValidationResult parsed = compiler.parse(text);
      if (parsed.hasError()) {
        throw new MalformedExpressionException(syntax(parsed));
      }
      CelAbstractSyntaxTree tree = sound(checker(parsed.getAst()).check(parsed.getAst()));
      sound(validator.validate(tree));
      CelAbstractSyntaxTree run = constructs ? ObjectConstruction.asMaps(tree) : tree;
      return new Expression(tree, Language.runtime().createProgram(run));
    } catch (CelValidationException | CelEvaluationException e) {
      throw new MalformedExpressionException(String.valueOf(e.getMessage()));
    }
  }

  private CelChecker checker(CelAbstractSyntaxTree parsed) {
    return constructs
        ? compiler
            .toCompilerBuilder()
            .setTypeProvider(ObjectConstruction.types(parsed, types))
            .build()
        : compiler;
  }

  private static CelAbstractSyntaxTree sound(CelValidationResult result)
      throws MalformedExpressionException, CelValidationException {
    if (result.hasError()) {
      throw new MalformedExpressionException(result.getErrorString());
    }
    return result.getAst();
  }

  /** Upstream says which of the problems are about the syntax. */
  private static String syntax(CelValidationResult parsed) {
    return parsed.getErrors().stream()
        .map(issue ->
            CelIssue.formatError(issue.getSourceLocation(), "Syntax error: " + issue.getMessage())
                .toDisplayString(parsed.getSource()))
        .collect(Collectors.joining("\n"));
  }
}
