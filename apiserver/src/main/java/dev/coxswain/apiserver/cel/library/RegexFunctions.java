package dev.coxswain.apiserver.cel.library;

import static dev.coxswain.apiserver.cel.library.ExtensionFunction.member;
import static dev.coxswain.apiserver.cel.library.Values.INT;
import static dev.coxswain.apiserver.cel.library.Values.STRING;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.coxswain.apiserver.schema.Patterns;
import java.util.ArrayList;
import java.util.List;

/** {@code find} and {@code findAll}. */
final class RegexFunctions {
  private RegexFunctions() {}

  static List<ExtensionFunction> all() {
    return List.of(
        member(
            "find",
            "string_find_string",
            SimpleType.STRING,
            List.of(STRING, STRING),
            arguments -> {
              List<String> found = find(arguments, 1);
              return found.isEmpty() ? "" : found.getFirst();
            }),
        member(
            "findAll",
            "string_find_all_string",
            ListType.create(SimpleType.STRING),
            List.of(STRING, STRING),
            arguments -> find(arguments, -1)),
        member(
            "findAll",
            "string_find_all_string_int",
            ListType.create(SimpleType.STRING),
            List.of(STRING, STRING, INT),
            arguments -> find(arguments, (Long) arguments[2])));
  }

  /** At most {@code limit} matches; all where it is negative. */
  private static List<String> find(Object[] arguments, long limit) {
    Pattern pattern;
    try {
      pattern = Patterns.compile((String) arguments[1]);
    } catch (PatternSyntaxException malformed) {
      throw new CelInvalidArgumentException("Illegal regex: " + malformed.getMessage());
    }
    List<String> found = new ArrayList<>();
    Matcher matcher = pattern.matcher((String) arguments[0]);
    while ((limit < 0 || found.size() < limit) && matcher.find()) {
      found.add(matcher.group());
    }
    return found;
  }
}
