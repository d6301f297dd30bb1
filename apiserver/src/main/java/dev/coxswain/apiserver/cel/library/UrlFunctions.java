package dev.coxswain.apiserver.cel.library;

import static dev.coxswain.apiserver.cel.library.ExtensionFunction.global;
import static dev.coxswain.apiserver.cel.library.ExtensionFunction.member;
import static dev.coxswain.apiserver.cel.library.Values.STRING;

import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.coxswain.apiserver.cel.library.ExtensionFunction.Parameter;
import java.util.List;
import java.util.function.Function;

/** {@code url('https://example.com/')} and what can be asked of it. */
final class UrlFunctions {
  private static final OpaqueType TYPE = OpaqueType.create("kubernetes.URL");
  private static final Parameter URL = new Parameter(TYPE, WebAddress.class);

  private UrlFunctions() {}

  static List<ExtensionFunction> all() {
    return List.of(
        global("url", "string_to_url", TYPE, List.of(STRING), a -> WebAddress.parse((String) a[0])),
        global(
            "isURL", "is_url_string", SimpleType.BOOL, List.of(STRING), a -> valid((String) a[0])),
        part("getScheme", "url_get_scheme", WebAddress::scheme),
        part("getHost", "url_get_host", WebAddress::host),
        part("getHostname", "url_get_hostname", WebAddress::hostname),
        part("getPort", "url_get_port", WebAddress::port),
        part("getEscapedPath", "url_get_escaped_path", WebAddress::path),
        member(
            "getQuery",
            "url_get_query",
            MapType.create(SimpleType.STRING, ListType.create(SimpleType.STRING)),
            List.of(URL),
            a -> ((WebAddress) a[0]).parameters()));
  }

  private static ExtensionFunction part(String name, String id, Function<WebAddress, String> part) {
    return member(name, id, SimpleType.STRING, List.of(URL), a -> part.apply((WebAddress) a[0]));
  }

  private static boolean valid(String text) {
    try {
      WebAddress.parse(text);
      return true;
    } catch (CelBadFormatException malformed) {
      return false;
    }
  }
}
