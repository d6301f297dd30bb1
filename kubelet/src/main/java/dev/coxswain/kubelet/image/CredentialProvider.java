package dev.coxswain.kubelet.image;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A program of the operator's that knows credentials of registries.
 *
 * @param program where it lies
 * @param images those that it is asked for
 * @param defaultCacheDuration how long an answer is kept that does not say so
 * @param apiVersion how it is spoken to
 * @param environment variables beside the kubelet's own
 * @param token the tokens of pods' service accounts that it wants; null for none
 */
public record CredentialProvider(
    String name,
    Path program,
    List<RegistryPattern> images,
    Duration defaultCacheDuration,
    String apiVersion,
    List<String> arguments,
    Map<String, String> environment,
    @Nullable Token token) {

  /**
   * Tokens for a program.
   *
   * @param audience whom they are for
   * @param required whether the program is to be left alone for pods without a service account
   * @param perToken whether an answer is for this token alone and not for the whole account
   * @param requiredAnnotations of the account, without which the program is left alone
   * @param optionalAnnotations that are told where they are there
   */
  record Token(
      String audience,
      boolean required,
      boolean perToken,
      List<String> requiredAnnotations,
      List<String> optionalAnnotations) {}
}
