package dev.coxswain.apiserver.cel;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelMutableAst;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind;
import dev.cel.common.ast.CelMutableExpr;
import dev.cel.common.ast.CelMutableExpr.CelMutableMap;
import dev.cel.common.ast.CelMutableExpr.CelMutableStruct;
import dev.cel.common.ast.CelMutableExprConverter;
import dev.cel.common.navigation.BaseNavigableExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableMutableAst;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The types of what expressions make rather than look at: {@code Object}, {@code Object.spec} and
 * so on, each with whatever fields the expression gives it, and {@code JSONPatch}. What the fields
 * must be is only known once the object is put to use.
 */
final class ObjectConstruction {
  static final String OBJECT = "Object";
  static final String PATCH = "JSONPatch";

  /** Under which a made object remembers its type: a name that no field can have. */
  static final String TYPE = "\0type";

  private ObjectConstruction() {}

  /** Adds these types, as one expression uses them, to those that there are. */
  static CelTypeProvider types(CelAbstractSyntaxTree parsed, CelTypeProvider others) {
    ImmutableSet<String> fields =
        CelNavigableAst.fromAst(parsed)
            .getRoot()
            .allNodes()
            .flatMap(node -> fields(node.expr()))
            .collect(ImmutableSet.toImmutableSet());
    return new Types(fields, others);
  }

  private static Stream<String> fields(CelExpr expression) {
    return switch (expression.getKind()) {
      case STRUCT -> expression.struct().entries().stream().map(CelExpr.CelStruct.Entry::fieldKey);
      case SELECT -> Stream.of(expression.select().field());
      default -> Stream.empty();
    };
  }

  /**
   * The same expression with maps in the place of the objects that it makes: the evaluator knows no
   * types but protocol buffers'.
   */
  static CelAbstractSyntaxTree asMaps(CelAbstractSyntaxTree checked) {
    CelMutableAst tree = CelMutableAst.fromCelAst(checked);
    List<CelMutableExpr> objects =
        CelNavigableMutableAst.fromAst(tree)
            .getRoot()
            .allNodes()
            .filter(node -> node.getKind() == ExprKind.Kind.STRUCT)
            .map(BaseNavigableExpr::expr)
            .toList();
    AtomicLong ids =
        new AtomicLong(
            CelNavigableMutableAst.fromAst(tree)
                .getRoot()
                .allNodes()
                .flatMapToLong(node -> ids(node.expr()))
                .max()
                .orElse(0));
    for (CelMutableExpr object : objects) {
      List<CelMutableMap.Entry> entries = new ArrayList<>();
      entries.add(entry(ids, TYPE, text(ids, object.struct().messageName()), false));
      for (CelMutableStruct.Entry field : object.struct().entries()) {
        entries.add(entry(ids, field.fieldKey(), field.value(), field.optionalEntry()));
      }
      object.setMap(CelMutableMap.create(entries));
    }
    return CelAbstractSyntaxTree.newCheckedAst(
        CelMutableExprConverter.fromMutableExpr(tree.expr()),
        checked.getSource(),
        checked.getReferenceMap(),
        checked.getTypeMap());
  }

  private static LongStream ids(CelMutableExpr expression) {
    return switch (expression.getKind()) {
      case STRUCT ->
          LongStream.concat(
              LongStream.of(expression.id()),
              expression.struct().entries().stream().mapToLong(CelMutableStruct.Entry::id));
      case MAP ->
          LongStream.concat(
              LongStream.of(expression.id()),
              expression.map().entries().stream().mapToLong(CelMutableMap.Entry::id));
      default -> LongStream.of(expression.id());
    };
  }

  private static CelMutableMap.Entry entry(
      AtomicLong ids, String key, CelMutableExpr value, boolean optional) {
    return CelMutableMap.Entry.create(ids.incrementAndGet(), text(ids, key), value, optional);
  }

  private static CelMutableExpr text(AtomicLong ids, String text) {
    return CelMutableExpr.ofConstant(ids.incrementAndGet(), CelConstant.ofValue(text));
  }

  private record Types(ImmutableSet<String> fields, CelTypeProvider others)
      implements CelTypeProvider {
    private static final ImmutableSet<String> PATCH_FIELDS =
        ImmutableSet.of("op", "path", "from", "value");
    private static final StructType PATCH_TYPE =
        StructType.create(
            PATCH,
            PATCH_FIELDS,
            field -> Optional.of(field.equals("value") ? SimpleType.DYN : SimpleType.STRING));

    @Override
    public ImmutableCollection<CelType> types() {
      return others.types();
    }

    @Override
    public Optional<CelType> findType(String name) {
      if (name.equals(PATCH)) {
        return Optional.of(PATCH_TYPE);
      }
      if (name.equals(OBJECT) || name.startsWith(OBJECT + ".")) {
        return Optional.of(StructType.create(name, fields, _ -> Optional.of(SimpleType.DYN)));
      }
      return others.findType(name);
    }
  }
}
