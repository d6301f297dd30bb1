package dev.coxswain.apiserver.aggregation;

import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.connect.Peer;
import dev.coxswain.apiserver.connect.ServiceAddresses;
import dev.coxswain.apiserver.connect.Target;
import dev.coxswain.apiserver.webhook.Trust;
import dev.coxswain.runtime.tls.Tls;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** This server towards the servers behind it: shows its certificate, and says who asks. */
public final class FrontProxy {
  /** Characters, letters and digits apart, that the name of a header may have. */
  private static final String TOKEN = "!#$&'*+-.^_`|~";

  private final ServiceAddresses services;
  private final Trust trust;

  /**
   * Connects to what stands behind Services.
   *
   * @param certificate PEM file with the client certificate that those servers trust to tell who
   *     asks; null shows none
   * @param key its key
   */
  public FrontProxy(ServiceAddresses services, @Nullable Path certificate, @Nullable Path key) {
    this.services = services;
    this.trust =
        new Trust(certificate == null || key == null ? null : Tls.identity(certificate, key));
  }

  /** Where a request goes; one of the Service's ready backends. */
  Target target(Aggregated service, String uri) throws InterruptedException {
    ServiceAddresses.Address address =
        services.one(service.serviceNamespace(), service.serviceName(), service.servicePort());
    return new Target(
        "https",
        address.host(),
        address.port(),
        new Peer.Named(
            service.unverified() ? trust.anyone() : trust.of(service.authorities()),
            service.host(),
            !service.unverified()),
        uri);
  }

  /** The headers that say who asks. */
  static List<Map.Entry<String, String>> identity(UserInfo user) {
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    headers.add(Map.entry("X-Remote-User", plain(user.name())));
    if (!user.uid().isEmpty()) {
      headers.add(Map.entry("X-Remote-Uid", plain(user.uid())));
    }
    for (String group : user.groups()) {
      headers.add(Map.entry("X-Remote-Group", plain(group)));
    }
    new TreeMap<>(user.extra())
        .forEach((key, values) -> {
          for (String value : values) {
            headers.add(Map.entry("X-Remote-Extra-" + escaped(key), plain(value)));
          }
        });
    return headers;
  }

  /** Nothing that would end the header. */
  private static String plain(String value) {
    return value.replaceAll("\\p{Cntrl}", " ");
  }

  /** A key as part of a header's name: what such a name cannot have stands as {@code %2F}. */
  static String escaped(String key) {
    StringBuilder escaped = new StringBuilder();
    for (byte one : key.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (one & 0xFF);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (letter || (c >= '0' && c <= '9') || TOKEN.indexOf(c) >= 0) {
        escaped.append(c);
      } else {
        escaped.append('%').append(String.format("%02X", (int) c));
      }
    }
    return escaped.toString();
  }
}
