package dev.coxswain.kubelet.certificate;

import dev.coxswain.runtime.tls.TlsIdentity;
import java.util.function.Consumer;

/** With what identity the kubelet's API is served. */
@FunctionalInterface
public interface Serving {
  /** Hands the identity over as soon as there is one, on any thread. */
  void begin(Consumer<TlsIdentity> server);
}
