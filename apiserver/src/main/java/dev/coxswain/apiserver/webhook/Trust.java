package dev.coxswain.apiserver.webhook;

import dev.coxswain.runtime.tls.PemSource;
import dev.coxswain.runtime.tls.TlsIdentity;
import dev.coxswain.runtime.tls.TlsTrust;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** TLS contexts by the authorities that they believe; the same ones for the same PEM text. */
public final class Trust {
  /** Most contexts that are kept; the ones used longest ago go first. */
  private static final int MAXIMUM_CONTEXTS = 128;

  private final @Nullable TlsIdentity identity;
  private final Map<String, SslContext> contexts =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, SslContext> eldest) {
          return size() > MAXIMUM_CONTEXTS;
        }
      };
  private @Nullable SslContext anyone;

  /**
   * Contexts for clients.
   *
   * @param identity what they show; null for nothing
   */
  public Trust(@Nullable TlsIdentity identity) {
    this.identity = identity;
  }

  /**
   * A context that believes these authorities.
   *
   * @param authorities PEM text; empty for those that the system believes
   * @throws IllegalArgumentException where the text holds no certificates
   */
  public synchronized SslContext of(String authorities) {
    SslContext known = contexts.get(authorities);
    if (known == null) {
      SslContextBuilder builder = builder();
      if (!authorities.isEmpty()) {
        builder.trustManager(new TlsTrust(new PemSource.Inline(authorities)));
      }
      known = build(builder);
      contexts.put(authorities, known);
    }
    return known;
  }

  /** A context that believes whoever comes. */
  public synchronized SslContext anyone() {
    SslContext known = anyone;
    if (known == null) {
      known = build(builder().trustManager(InsecureTrustManagerFactory.INSTANCE));
      anyone = known;
    }
    return known;
  }

  private SslContextBuilder builder() {
    SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
    return identity == null ? builder : builder.keyManager(identity);
  }

  private static SslContext build(SslContextBuilder builder) {
    try {
      return builder.build();
    } catch (SSLException e) {
      throw new IllegalArgumentException("unable to load root certificates: " + e.getMessage(), e);
    }
  }
}
