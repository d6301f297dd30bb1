package dev.coxswain.apiserver.cel.library;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.cel.common.exceptions.CelBadFormatException;
import java.math.BigInteger;
import java.util.List;

/**
 * A version as semver.org defines it; what follows a plus sign does not count in comparisons.
 *
 * @param before the identifiers of a pre-release; empty for a release
 */
record SemanticVersion(long major, long minor, long patch, List<String> before)
    implements Comparable<SemanticVersion> {
  private static final String NUMBER = "(0|[1-9][0-9]*)";
  private static final String IDENTIFIERS = "([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)";
  private static final Pattern FORM =
      Pattern.compile(
          NUMBER
              + "\\."
              + NUMBER
              + "\\."
              + NUMBER
              + "(?:-"
              + IDENTIFIERS
              + ")?(?:\\+"
              + IDENTIFIERS
              + ")?");
  private static final int LONGEST = 18;

  static SemanticVersion parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new CelBadFormatException(
          text.isEmpty() ? "Version string empty" : "Invalid semantic version \"" + text + "\"");
    }
    String before = form.group(4);
    List<String> identifiers = before == null ? List.of() : List.of(before.split("\\.", -1));
    for (String identifier : identifiers) {
      if (numeric(identifier) && identifier.length() > 1 && identifier.startsWith("0")) {
        throw new CelBadFormatException(
            "Numeric PreRelease version must not contain leading zeroes \"" + identifier + "\"");
      }
    }
    return new SemanticVersion(
        number(form.group(1)), number(form.group(2)), number(form.group(3)), identifiers);
  }

  /** Also takes a leading v, leading zeros, and versions without minor or patch. */
  static SemanticVersion parseTolerantly(String text) {
    String[] parts = (text.startsWith("v") ? text.substring(1) : text).split("\\.", 3);
    for (int i = 0; i < parts.length; i++) {
      if (parts[i].length() > 1) {
        String rest = parts[i].replaceFirst("^0+", "");
        boolean digit = !rest.isEmpty() && Character.isDigit(rest.charAt(0));
        parts[i] = digit ? rest : "0" + rest;
      }
    }
    String last = parts[parts.length - 1];
    if (parts.length < 3 && (last.contains("+") || last.contains("-"))) {
      throw new CelBadFormatException("short version cannot contain PreRelease/Build meta data");
    }
    return parse(String.join(".", parts) + ".0".repeat(3 - parts.length));
  }

  private static long number(String digits) {
    if (digits.length() > LONGEST) {
      throw new CelBadFormatException("value out of range: " + digits);
    }
    return Long.parseLong(digits);
  }

  private static boolean numeric(String identifier) {
    return identifier.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  @Override
  public int compareTo(SemanticVersion other) {
    int order = Long.compare(major, other.major);
    order = order != 0 ? order : Long.compare(minor, other.minor);
    order = order != 0 ? order : Long.compare(patch, other.patch);
    return order != 0 ? order : compareBefore(other);
  }

  private int compareBefore(SemanticVersion other) {
    if (before.isEmpty() || other.before.isEmpty()) {
      return Boolean.compare(before.isEmpty(), other.before.isEmpty());
    }
    for (int i = 0; i < Math.min(before.size(), other.before.size()); i++) {
      int order = compare(before.get(i), other.before.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(before.size(), other.before.size());
  }

  private static int compare(String one, String other) {
    if (numeric(one) && numeric(other)) {
      return new BigInteger(one).compareTo(new BigInteger(other));
    }
    if (numeric(one) != numeric(other)) {
      return numeric(one) ? -1 : 1;
    }
    return one.compareTo(other);
  }
}
