package dev.coxswain.api.meta;

import java.util.Optional;
import java.util.regex.Pattern;

/** What may be a label's name or value; the rules are those of apimachinery's validation. */
public final class Names {
  /** Longest name after the slash, and longest value, in characters. */
  public static final int MAXIMUM_LABEL = 63;

  /** Longest DNS subdomain, in characters. */
  public static final int MAXIMUM_SUBDOMAIN = 253;

  private static final Pattern NAME = Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
  private static final Pattern SUBDOMAIN =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
  private static final Pattern DATA_KEY = Pattern.compile("[-._a-zA-Z0-9]+");
  private static final Pattern LABEL_1035 = Pattern.compile("[a-z]([-a-z0-9]*[a-z0-9])?");

  private Names() {}

  /** What is wrong with a qualified name such as {@code app.kubernetes.io/name}. */
  public static Optional<String> qualifiedName(String text) {
    int slash = text.indexOf('/');
    if (slash != text.lastIndexOf('/')) {
      return Optional.of(
          "a qualified name "
              + pattern("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]", NAME_TEXT, NAME_EXAMPLES)
              + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
    }
    if (slash >= 0) {
      String prefix = text.substring(0, slash);
      if (prefix.isEmpty()) {
        return Optional.of("prefix part must be non-empty");
      }
      Optional<String> problem = subdomain(prefix);
      if (problem.isPresent()) {
        return problem.map(wrong -> "prefix part " + wrong);
      }
    }
    String name = text.substring(slash + 1);
    if (name.isEmpty()) {
      return Optional.of("name part must be non-empty");
    }
    if (name.length() > MAXIMUM_LABEL) {
      return Optional.of("name part must be no more than 63 characters");
    }
    return NAME.matcher(name).matches()
        ? Optional.empty()
        : Optional.of(
            "name part "
                + pattern("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]", NAME_TEXT, NAME_EXAMPLES));
  }

  /** What is wrong with a label's value. */
  public static Optional<String> labelValue(String text) {
    if (text.length() > MAXIMUM_LABEL) {
      return Optional.of("must be no more than 63 characters");
    }
    return text.isEmpty() || NAME.matcher(text).matches()
        ? Optional.empty()
        : Optional.of(
            pattern(
                "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?",
                "a valid label must be an empty string or consist of alphanumeric characters,"
                    + " '-', '_' or '.', and must start and end with an alphanumeric character",
                "'MyValue',  or 'my_value',  or '12345'"));
  }

  /** What is wrong with a DNS subdomain, the form of most objects' names. */
  public static Optional<String> subdomain(String text) {
    if (text.length() > MAXIMUM_SUBDOMAIN) {
      return Optional.of("must be no more than 253 characters");
    }
    return SUBDOMAIN.matcher(text).matches()
        ? Optional.empty()
        : Optional.of(
            pattern(
                "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric"
                    + " characters, '-' or '.', and must start and end with an alphanumeric"
                    + " character",
                "'example.com'"));
  }

  /** What is wrong with a DNS subdomain whose first label is {@code *}. */
  public static Optional<String> wildcardSubdomain(String text) {
    return text.length() <= MAXIMUM_SUBDOMAIN
            && text.startsWith("*.")
            && SUBDOMAIN.matcher(text.substring(2)).matches()
        ? Optional.empty()
        : Optional.of(
            pattern(
                "\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
                "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS"
                    + " subdomain, which must consist of lower case alphanumeric characters, '-' or"
                    + " '.' and end with an alphanumeric character",
                "'*.example.com'"));
  }

  /** What is wrong with a key of the data of a config map or secret. */
  public static Optional<String> dataKey(String text) {
    if (text.length() > MAXIMUM_SUBDOMAIN) {
      return Optional.of("must be no more than 253 characters");
    }
    if (!DATA_KEY.matcher(text).matches()) {
      return Optional.of(
          pattern(
              "[-._a-zA-Z0-9]+",
              "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
              "'key.name',  or 'KEY_NAME',  or 'key-name'"));
    }
    if (text.equals(".") || text.equals("..")) {
      return Optional.of("must not be '" + text + "'");
    }
    return text.startsWith("..") ? Optional.of("must not start with '..'") : Optional.empty();
  }

  /** What is wrong with a DNS label, the form of namespaces' and containers' names. */
  public static Optional<String> label(String text) {
    if (text.length() > MAXIMUM_LABEL) {
      return Optional.of("must be no more than 63 characters");
    }
    return LABEL.matcher(text).matches()
        ? Optional.empty()
        : Optional.of(
            pattern(
                "[a-z0-9]([-a-z0-9]*[a-z0-9])?",
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or"
                    + " '-', and must start and end with an alphanumeric character",
                "'my-name',  or '123-abc'"));
  }

  /** What is wrong with an RFC 1035 label, the form of services' names. */
  public static Optional<String> label1035(String text) {
    if (text.length() > MAXIMUM_LABEL) {
      return Optional.of("must be no more than 63 characters");
    }
    return LABEL_1035.matcher(text).matches()
        ? Optional.empty()
        : Optional.of(
            pattern(
                "[a-z]([-a-z0-9]*[a-z0-9])?",
                "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start"
                    + " with an alphabetic character, and end with an alphanumeric character",
                "'my-name',  or 'abc-123'"));
  }

  private static final String NAME_TEXT =
      "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an"
          + " alphanumeric character";
  private static final String NAME_EXAMPLES = "'MyName',  or 'my.name',  or '123-abc'";

  private static String pattern(String regex, String text, String examples) {
    return text + " (e.g. " + examples + ", regex used for validation is '" + regex + "')";
  }

  /** A name that stands between the slashes of a URL's path. */
  public static Optional<String> pathSegment(String name) {
    if (name.equals(".") || name.equals("..")) {
      return Optional.of("may not be '" + name + "'");
    }
    if (name.indexOf('/') >= 0) {
      return Optional.of("may not contain '/'");
    }
    return name.indexOf('%') >= 0 ? Optional.of("may not contain '%'") : Optional.empty();
  }
}
