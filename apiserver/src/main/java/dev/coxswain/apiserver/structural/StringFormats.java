package dev.coxswain.apiserver.structural;

import com.google.re2j.Pattern;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The forms of strings that a schema's {@code format} can ask for; others ask nothing. */
public final class StringFormats {
  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Map<String, Pattern> PATTERNS =
      Map.ofEntries(
          form("email", "[^@\\s]+@[^@\\s]+"),
          form("hostname", "([A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?\\.?)+"),
          form("ipv4", OCTET + "(\\." + OCTET + "){3}"),
          form("ipv6", "[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*"),
          form("cidr", "[0-9A-Fa-f:.]+/[0-9]{1,3}"),
          form("mac", "([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}"),
          form("uuid", uuid("[0-9a-f]", "[0-9a-f]")),
          form("uuid3", uuid("3", "[0-9a-f]")),
          form("uuid4", uuid("4", "[89ab]")),
          form("uuid5", uuid("5", "[89ab]")),
          form("bsonobjectid", "[0-9a-f]{24}"),
          form("isbn", "(97[89][- ]?)?([0-9][- ]?){9}[0-9Xx]"),
          form("isbn10", "([0-9][- ]?){9}[0-9Xx]"),
          form("isbn13", "([0-9][- ]?){13}"),
          form("creditcard", "[0-9]{12,19}"),
          form("ssn", "[0-9]{3}[- ]?(0[1-9]|[1-9][0-9])[- ]?[0-9]{4}"),
          form("hexcolor", "#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})"),
          form("rgbcolor", "rgb\\(\\s*[0-9]{1,3}\\s*,\\s*[0-9]{1,3}\\s*,\\s*[0-9]{1,3}\\s*\\)"),
          form("duration", "[-+]?([0-9]+(\\.[0-9]*)?\\s*[A-Za-zµ]+\\s*)+|0"),
          form("k8s-short-name", "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"),
          form(
              "k8s-long-name", "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"));
  private static final Set<String> PARSED =
      Set.of("date-time", "datetime", "date", "byte", "uri", "password", "int32", "int64");
  private static final Set<String> NUMBERS = Set.of("float", "double");

  private StringFormats() {}

  private static Map.Entry<String, Pattern> form(String name, String regex) {
    return Map.entry(name, Pattern.compile("(?:" + regex + ")"));
  }

  private static String uuid(String version, String variant) {
    return "[0-9a-f]{8}-?[0-9a-f]{4}-?"
        + version
        + "[0-9a-f]{3}-?"
        + variant
        + "[0-9a-f]{3}-?[0-9a-f]{12}";
  }

  /** Whether a format is one of those that mean something. */
  public static boolean known(String format) {
    return PATTERNS.containsKey(format) || PARSED.contains(format) || NUMBERS.contains(format);
  }

  /** Whether a text has the form; true for forms that ask nothing of a text. */
  public static boolean matches(String format, String text) {
    String wanted = format.toLowerCase(Locale.ROOT);
    Pattern pattern = PATTERNS.get(wanted);
    if (pattern != null) {
      boolean insensitive = wanted.startsWith("uuid") || wanted.equals("bsonobjectid");
      return pattern.matches(insensitive ? text.toLowerCase(Locale.ROOT) : text);
    }
    try {
      switch (wanted) {
        case "date-time", "datetime" -> OffsetDateTime.parse(text);
        case "date" -> LocalDate.parse(text);
        case "uri" -> {
          return new URI(text).isAbsolute() || text.startsWith("/");
        }
        case "byte" -> {
          var _ = Base64.getDecoder().decode(text);
        }
        default -> {}
      }
      return true;
    } catch (DateTimeException | URISyntaxException | IllegalArgumentException malformed) {
      return false;
    }
  }
}
