package dev.coxswain.apiserver.cel.library;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.cel.common.exceptions.CelBadFormatException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A URL, absolute or an absolute path, read as tolerantly as upstream reads it (spaces in the path
 * are fine).
 */
record WebAddress(String scheme, String host, String path, String query) {
  private static final Pattern FORM =
      Pattern.compile(
          "(?:([A-Za-z][A-Za-z0-9+.-]*):)?(//(?:([^/?#]*)@)?([^/?#@]*))?([^?#]*)(?:\\?([^#]*))?(?:#.*)?");
  private static final Pattern HOST =
      Pattern.compile("(\\[[0-9A-Fa-f:.]+(%25[^\\]]+)?\\]|[^\\[\\]:\\s<>\"]*)(:[0-9]*)?");
  private static final Pattern BAD_ESCAPE = Pattern.compile("%([^0-9A-Fa-f]|.[^0-9A-Fa-f]|.?$)");
  private static final String KEPT = "-_.~$&+,/:;=@!'()*%";

  static WebAddress parse(String text) {
    Matcher form = FORM.matcher(text);
    if (text.isEmpty() || text.chars().anyMatch(c -> c < ' ' || c == 0x7f) || !form.matches()) {
      throw unreadable(text, text.isEmpty() ? "empty url" : "invalid control character in URL");
    }
    String scheme = or(form.group(1));
    String path = or(form.group(5));
    boolean absolute = !scheme.isEmpty() || text.startsWith("/");
    if (!absolute || (scheme.isEmpty() && form.group(2) == null && !path.startsWith("/"))) {
      throw unreadable(text, "invalid URI for request");
    }
    String host = or(form.group(4));
    if (!HOST.matches(host)) {
      throw unreadable(text, "invalid port or character in host");
    }
    if (BAD_ESCAPE.matcher(path).find()) {
      throw unreadable(text, "invalid URL escape");
    }
    return new WebAddress(scheme, host, escape(path), or(form.group(6)));
  }

  private static String or(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static CelBadFormatException unreadable(String text, String problem) {
    return new CelBadFormatException(
        "URL parse error during conversion from string: parse \"" + text + "\": " + problem);
  }

  private static String escape(String path) {
    StringBuilder escaped = new StringBuilder();
    for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || KEPT.indexOf(c) >= 0);
      escaped.append(plain ? String.valueOf(c) : String.format("%%%02X", (int) c));
    }
    return escaped.toString();
  }

  private int portAt() {
    int colon = host.lastIndexOf(':');
    return colon > host.lastIndexOf(']') ? colon : -1;
  }

  /** The host without its port; an IPv6 address without brackets. */
  String hostname() {
    String name = portAt() < 0 ? host : host.substring(0, portAt());
    return name.startsWith("[") ? name.substring(1, name.length() - 1) : name;
  }

  String port() {
    return portAt() < 0 ? "" : host.substring(portAt() + 1);
  }

  /** The parameters, each with its values in order. */
  Map<String, List<String>> parameters() {
    Map<String, List<String>> parameters = new TreeMap<>();
    for (String pair : query.split("&", -1)) {
      if (pair.isEmpty() || pair.contains(";") || BAD_ESCAPE.matcher(pair).find()) {
        continue;
      }
      int equals = pair.indexOf('=');
      String key = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      parameters.computeIfAbsent(decode(key), _ -> new ArrayList<>()).add(decode(value));
    }
    return parameters;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
