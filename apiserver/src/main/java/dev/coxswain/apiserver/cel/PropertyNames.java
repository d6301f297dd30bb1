package dev.coxswain.apiserver.cel;

import java.util.Optional;
import java.util.Set;

/**
 * Names of properties as expressions spell them: {@code a-b} is {@code a__dash__b}, and a reserved
 * word {@code in} is {@code __in__}.
 */
public final class PropertyNames {
  private static final Set<String> RESERVED =
      Set.of(
          "true",
          "false",
          "null",
          "in",
          "as",
          "break",
          "const",
          "continue",
          "else",
          "for",
          "function",
          "if",
          "import",
          "let",
          "loop",
          "package",
          "namespace",
          "return",
          "var",
          "void",
          "while");

  private PropertyNames() {}

  /** The name in expressions; empty where expressions cannot name it. */
  public static Optional<String> escape(String name) {
    if (name.isEmpty() || Character.isDigit(name.charAt(0))) {
      return Optional.empty();
    }
    if (RESERVED.contains(name)) {
      return Optional.of("__" + name + "__");
    }
    StringBuilder escaped = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      switch (c) {
        case '.' -> escaped.append("__dot__");
        case '-' -> escaped.append("__dash__");
        case '/' -> escaped.append("__slash__");
        case '_' -> {
          if (i + 1 < name.length() && name.charAt(i + 1) == '_') {
            escaped.append("__underscores__");
            i++;
          } else {
            escaped.append(c);
          }
        }
        default -> {
          boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
          if (!letter && (c < '0' || c > '9')) {
            return Optional.empty();
          }
          escaped.append(c);
        }
      }
    }
    return Optional.of(escaped.toString());
  }
}
