package dev.coxswain.kubelet.env;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * {@code $(NAME)} references in values, commands and arguments: a known name becomes its value, an
 * unknown one stays as it is written, {@code $$} is a dollar sign.
 */
public final class Expansion {
  /**
   * The most characters that a text may become. The kernel starts no process with a longer variable
   * or argument; and few references to each other make one that no memory holds.
   */
  static final int LONGEST = 128 << 10;

  /** The most characters of all variables, or of all arguments: no process starts with more. */
  static final int MOST = 6 << 20;

  private Expansion() {}

  /**
   * The words of a command with their references replaced.
   *
   * @throws ConfigException when they become more than a process may be started with
   */
  public static List<String> expand(List<String> words, Map<String, String> values)
      throws ConfigException {
    List<String> expanded = new ArrayList<>();
    long size = 0;
    for (String word : words) {
      String text = expand(word, values::get);
      size = grown(size, text.length());
      expanded.add(text);
    }
    return expanded;
  }

  /** What the size of all becomes with one more. */
  static long grown(long size, int more) throws ConfigException {
    if (size + more > MOST) {
      throw new ConfigException("variables or arguments are larger than " + MOST + " characters");
    }
    return size + more;
  }

  /**
   * The text with its references replaced by what they are said to stand for.
   *
   * @throws ConfigException when it becomes longer than a process may be told
   */
  public static String expand(String text, Function<String, @Nullable String> values)
      throws ConfigException {
    if (text.indexOf('$') < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    int at = 0;
    while (at < text.length()) {
      if (out.length() > LONGEST) {
        throw new ConfigException("a value becomes longer than " + LONGEST + " characters");
      }
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
