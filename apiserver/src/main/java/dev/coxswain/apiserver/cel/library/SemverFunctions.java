package dev.coxswain.apiserver.cel.library;

import static dev.coxswain.apiserver.cel.library.ExtensionFunction.global;
import static dev.coxswain.apiserver.cel.library.ExtensionFunction.member;
import static dev.coxswain.apiserver.cel.library.Values.BOOL;
import static dev.coxswain.apiserver.cel.library.Values.STRING;

import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.coxswain.apiserver.cel.library.ExtensionFunction.Parameter;
import java.util.List;

/** {@code semver('1.2.3')} and what can be asked of it. */
final class SemverFunctions {
  private static final OpaqueType TYPE = OpaqueType.create("kubernetes.Semver");
  private static final Parameter VERSION = new Parameter(TYPE, SemanticVersion.class);
  private static final List<Parameter> ONE = List.of(VERSION);
  private static final List<Parameter> TWO = List.of(VERSION, VERSION);

  private SemverFunctions() {}

  static List<ExtensionFunction> all() {
    return List.of(
        global("semver", "string_to_semver", TYPE, List.of(STRING), a -> parse(a, false)),
        global(
            "semver",
            "string_bool_to_semver",
            TYPE,
            List.of(STRING, BOOL),
            a -> parse(a, (Boolean) a[1])),
        global(
            "isSemver", "is_semver_string", SimpleType.BOOL, List.of(STRING), a -> valid(a, false)),
        global(
            "isSemver",
            "is_semver_string_bool",
            SimpleType.BOOL,
            List.of(STRING, BOOL),
            a -> valid(a, (Boolean) a[1])),
        member("major", "semver_major", SimpleType.INT, ONE, a -> first(a).major()),
        member("minor", "semver_minor", SimpleType.INT, ONE, a -> first(a).minor()),
        member("patch", "semver_patch", SimpleType.INT, ONE, a -> first(a).patch()),
        member(
            "isGreaterThan",
            "semver_is_greater_than",
            SimpleType.BOOL,
            TWO,
            a -> first(a).compareTo(second(a)) > 0),
        member(
            "isLessThan",
            "semver_is_less_than",
            SimpleType.BOOL,
            TWO,
            a -> first(a).compareTo(second(a)) < 0),
        member(
            "compareTo",
            "semver_compare_to",
            SimpleType.INT,
            TWO,
            a -> (long) Integer.signum(first(a).compareTo(second(a)))));
  }

  private static SemanticVersion first(Object[] arguments) {
    return (SemanticVersion) arguments[0];
  }

  private static SemanticVersion second(Object[] arguments) {
    return (SemanticVersion) arguments[1];
  }

  private static SemanticVersion parse(Object[] arguments, boolean tolerantly) {
    String text = (String) arguments[0];
    return tolerantly ? SemanticVersion.parseTolerantly(text) : SemanticVersion.parse(text);
  }

  private static boolean valid(Object[] arguments, boolean tolerantly) {
    try {
      parse(arguments, tolerantly);
      return true;
    } catch (CelBadFormatException malformed) {
      return false;
    }
  }
}
