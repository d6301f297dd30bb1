package dev.coxswain.kubelet;

import dev.coxswain.kubelet.image.CredentialProvider;
import dev.coxswain.kubelet.image.CredentialProviders;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags about programs that know credentials of registries; upstream's file has none. */
final class CredentialOptions {
  @Option(
      names = "--image-credential-provider-config",
      description = "A CredentialProviderConfig: a file, or a folder of such. Default: none.")
  private @Nullable Path configuration;

  @Option(
      names = "--image-credential-provider-bin-dir",
      description = "The folder of the programs that it names. Default: none.")
  private @Nullable Path programs;

  /** The programs, with all that is said of them checked. */
  List<CredentialProvider> providers() {
    if (configuration == null && programs == null) {
      return List.of();
    }
    if (configuration == null || programs == null) {
      throw new IllegalArgumentException(
          "--image-credential-provider-config and --image-credential-provider-bin-dir: want both");
    }
    return CredentialProviders.read(configuration, programs);
  }
}
