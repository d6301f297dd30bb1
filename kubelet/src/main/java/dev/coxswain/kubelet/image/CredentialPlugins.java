package dev.coxswain.kubelet.image;

import dev.coxswain.proto.cri.AuthConfig;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The credentials that programs of the operator's give for images. Thread-safe. */
public final class CredentialPlugins {
  private final List<CredentialPlugin> plugins;

  /** Asks these programs. */
  public CredentialPlugins(
      List<CredentialProvider> providers, AccountTokens accounts, PluginCounts counts, Time time) {
    this.plugins =
        providers.stream()
            .map(provider -> new CredentialPlugin(provider, accounts, counts, time))
            .toList();
  }

  /** All that match the image, those for the longest path first, then in the programs' order. */
  List<AuthConfig> matching(Pod pod, ImageReference image) throws InterruptedException {
    List<Map.Entry<String, PluginProgram.Login>> logins = new ArrayList<>();
    for (CredentialPlugin plugin : plugins) {
      logins.addAll(plugin.logins(pod, image).entrySet());
    }
    return RegistryConfig.matching(logins, image).stream()
        .map(login ->
            AuthConfig.newBuilder()
                .setUsername(Objects.requireNonNullElse(login.username(), ""))
                .setPassword(Objects.requireNonNullElse(login.password(), ""))
                .build())
        .toList();
  }
}
