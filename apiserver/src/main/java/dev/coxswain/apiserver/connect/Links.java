package dev.coxswain.apiserver.connect;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rewrites the links of a proxied answer, so that who follows them comes through the proxy again.
 *
 * @param prefix the path that leads to the other side
 * @param backend the other side, {@code host:port}
 * @param front what the client calls this server, {@code host:port}
 */
record Links(String prefix, String backend, String front) {
  private static final Pattern TAG = Pattern.compile("<[a-zA-Z][^<>]*>");

  /** The attributes that hold a URL, as HTML has them. */
  private static final Pattern ATTRIBUTE =
      Pattern.compile(
          "(\\s(?:href|src|action|formaction|cite|background|codebase|data|longdesc|manifest|poster"
              + "|profile|usemap|icon|classid)\\s*=\\s*)(\"[^\"]*\"|'[^']*')",
          Pattern.CASE_INSENSITIVE);

  /** A link as the client has to follow it. */
  String rewrite(String link) {
    URI uri;
    try {
      uri = new URI(link);
    } catch (URISyntaxException notOne) {
      return link;
    }
    String path = uri.getRawPath();
    String host = uri.getRawAuthority();
    boolean elsewhere = host != null && !host.equals(backend) && !host.equals(front);
    if (elsewhere || path == null || !path.startsWith("/") || path.startsWith(prefix + "/")) {
      return link;
    }
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    String fragment = uri.getRawFragment() == null ? "" : "#" + uri.getRawFragment();
    String server = host == null ? "" : "https://" + front;
    return server + prefix + path + query + fragment;
  }

  /** A page with its links rewritten. */
  String rewritePage(String html) {
    return TAG.matcher(html)
        .replaceAll(tag ->
            Matcher.quoteReplacement(
                ATTRIBUTE
                    .matcher(tag.group())
                    .replaceAll(found -> Matcher.quoteReplacement(attribute(found)))));
  }

  private String attribute(java.util.regex.MatchResult found) {
    String quoted = found.group(2);
    String mark = quoted.substring(0, 1);
    String link = quoted.substring(1, quoted.length() - 1).replace("&amp;", "&");
    return found.group(1) + mark + rewrite(link).replace("&", "&amp;") + mark;
  }
}
