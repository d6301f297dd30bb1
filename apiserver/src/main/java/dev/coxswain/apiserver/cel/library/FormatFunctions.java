package dev.coxswain.apiserver.cel.library;

import static dev.coxswain.apiserver.cel.library.ExtensionFunction.global;
import static dev.coxswain.apiserver.cel.library.ExtensionFunction.member;
import static dev.coxswain.apiserver.cel.library.Values.STRING;

import dev.cel.common.types.ListType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import dev.coxswain.apiserver.cel.library.ExtensionFunction.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@code format.dns1123Label().validate('web')}. */
final class FormatFunctions {
  private static final OpaqueType TYPE = OpaqueType.create("kubernetes.NamedFormat");

  private FormatFunctions() {}

  static List<ExtensionFunction> all() {
    List<ExtensionFunction> functions = new ArrayList<>();
    for (NamedFormat format : NamedFormat.values()) {
      String name = "format." + format.text();
      functions.add(global(name, name, TYPE, List.of(), _ -> format));
    }
    functions.add(
        global(
            "format.named",
            "format-named",
            OptionalType.create(TYPE),
            List.of(STRING),
            a ->
                Arrays.stream(NamedFormat.values())
                    .filter(format -> format.text().equals(a[0]))
                    .findFirst()));
    functions.add(
        member(
            "validate",
            "format-validate",
            OptionalType.create(ListType.create(SimpleType.STRING)),
            List.of(new Parameter(TYPE, NamedFormat.class), STRING),
            a -> ((NamedFormat) a[0]).check((String) a[1]).map(List::of)));
    return functions;
  }
}
