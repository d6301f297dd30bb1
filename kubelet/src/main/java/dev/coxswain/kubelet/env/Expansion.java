package dev.coxswain.kubelet.env;

import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * {@code $(NAME)} references in values, commands and arguments: a known name becomes its value, an
 * unknown one stays as it is written, {@code $$} is a dollar sign.
 */
public final class Expansion {
  private Expansion() {}

  /** The text with its references replaced. */
  public static String expand(String text, Map<String, String> values) {
    return expand(text, values::get);
  }

  /** The text with its references replaced by what they are said to stand for. */
  public static String expand(String text, Function<String, @Nullable String> values) {
    if (text.indexOf('$') < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c != '$' || at + 1 == text.length()) {
        out.append(c);
        at++;
        continue;
      }
      char next = text.charAt(at + 1);
      int close = next == '(' ? text.indexOf(')', at + 2) : -1;
      if (next == '$') {
        out.append('$');
        at += 2;
      } else if (close > 0) {
        String name = text.substring(at + 2, close);
        @Nullable String value = values.apply(name);
        out.append(value == null ? "$(" + name + ")" : value);
        at = close + 1;
      } else {
        out.append('$');
        at++;
      }
    }
    return out.toString();
  }
}
