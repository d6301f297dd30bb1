package dev.coxswain.kubelet.env;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapEnvSource;
import io.fabric8.kubernetes.api.model.ConfigMapKeySelector;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretEnvSource;
import io.fabric8.kubernetes.api.model.SecretKeySelector;
import io.fabric8.kubernetes.api.model.Service;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Resolves a container's environment. */
public final class Environment {
  /** The namespace whose {@code kubernetes} service every pod is told of. */
  private static final String MASTER_NAMESPACE = "default";

  private final ConfigSource source;

  /** Resolves against these objects. */
  public Environment(ConfigSource source) {
    this.source = source;
  }

  /**
   * The variables in the order in which later ones may refer to earlier ones: services, then whole
   * ConfigMaps and Secrets, then single variables.
   *
   * @throws ConfigException when something that is not optional is missing, or all is too large
   */
  public Map<String, String> resolve(Container container, PodFields fields) throws ConfigException {
    String namespace = fields.pod().getMetadata().getNamespace();
    Map<String, String> services = new LinkedHashMap<>();
    ServiceVariables.add(
        linked(namespace, !Boolean.FALSE.equals(fields.pod().getSpec().getEnableServiceLinks())),
        services);
    Map<String, String> result = new LinkedHashMap<>();
    long size = 0;
    for (EnvFromSource from : container.getEnvFrom()) {
      String prefix = from.getPrefix() == null ? "" : from.getPrefix();
      for (Map.Entry<String, String> one : whole(namespace, from).entrySet()) {
        size = Expansion.grown(size, one.getValue().length());
        result.put(prefix + one.getKey(), one.getValue());
      }
    }
    for (EnvVar variable : container.getEnv()) {
      Optional<String> value = value(namespace, container, variable, fields, result, services);
      if (value.isPresent()) {
        size = Expansion.grown(size, value.get().length());
        result.put(variable.getName(), value.get());
      }
    }
    // What the pod says itself wins over what services would have it know.
    services.forEach(result::putIfAbsent);
    return result;
  }

  private Collection<Service> linked(String namespace, boolean all) {
    List<Service> services = new ArrayList<>();
    for (Service service : source.services(MASTER_NAMESPACE)) {
      if (service.getMetadata().getName().equals("kubernetes")) {
        services.add(service);
      }
    }
    if (all) {
      for (Service service : source.services(namespace)) {
        boolean added =
            namespace.equals(MASTER_NAMESPACE)
                && service.getMetadata().getName().equals("kubernetes");
        if (!added) {
          services.add(service);
        }
      }
    }
    return services;
  }

  private Map<String, String> whole(String namespace, EnvFromSource from) throws ConfigException {
    ConfigMapEnvSource configMap = from.getConfigMapRef();
    if (configMap != null) {
      Optional<ConfigMap> found = source.configMap(namespace, configMap.getName());
      if (found.isPresent()) {
        return found.get().getData();
      }
      if (!Boolean.TRUE.equals(configMap.getOptional())) {
        throw new ConfigException("configmap \"" + configMap.getName() + "\" not found");
      }
    }
    SecretEnvSource secret = from.getSecretRef();
    if (secret != null) {
      Optional<Secret> found = source.secret(namespace, secret.getName());
      if (found.isPresent()) {
        Map<String, String> decoded = new LinkedHashMap<>();
        found.get().getData().forEach((key, value) -> decoded.put(key, text(value)));
        return decoded;
      }
      if (!Boolean.TRUE.equals(secret.getOptional())) {
        throw new ConfigException("secret \"" + secret.getName() + "\" not found");
      }
    }
    return Map.of();
  }

  private Optional<String> value(
      String namespace,
      Container container,
      EnvVar variable,
      PodFields fields,
      Map<String, String> known,
      Map<String, String> services)
      throws ConfigException {
    EnvVarSource from = variable.getValueFrom();
    if (from == null) {
      String value = variable.getValue();
      return Optional.of(
          value == null
              ? ""
              : Expansion.expand(
                  value, name -> known.containsKey(name) ? known.get(name) : services.get(name)));
    }
    if (from.getFieldRef() != null) {
      return Optional.of(fields.field(from.getFieldRef().getFieldPath()));
    }
    if (from.getResourceFieldRef() != null) {
      return Optional.of(fields.resource(from.getResourceFieldRef(), container));
    }
    if (from.getConfigMapKeyRef() != null) {
      return configMapKey(namespace, from.getConfigMapKeyRef());
    }
    if (from.getSecretKeyRef() != null) {
      return secretKey(namespace, from.getSecretKeyRef());
    }
    throw new ConfigException(
        "env " + variable.getName() + ": valueFrom names a source that is not supported");
  }

  private Optional<String> configMapKey(String namespace, ConfigMapKeySelector key)
      throws ConfigException {
    boolean optional = Boolean.TRUE.equals(key.getOptional());
    Optional<ConfigMap> found = source.configMap(namespace, key.getName());
    if (found.isEmpty()) {
      return absent(optional, "configmap \"" + key.getName() + "\" not found");
    }
    @Nullable String value = found.get().getData().get(key.getKey());
    return value == null
        ? absent(
            optional,
            "couldn't find key "
                + key.getKey()
                + " in ConfigMap "
                + namespace
                + "/"
                + key.getName())
        : Optional.of(value);
  }

  private Optional<String> secretKey(String namespace, SecretKeySelector key)
      throws ConfigException {
    boolean optional = Boolean.TRUE.equals(key.getOptional());
    Optional<Secret> found = source.secret(namespace, key.getName());
    if (found.isEmpty()) {
      return absent(optional, "secret \"" + key.getName() + "\" not found");
    }
    @Nullable String value = found.get().getData().get(key.getKey());
    return value == null
        ? absent(
            optional,
            "couldn't find key " + key.getKey() + " in Secret " + namespace + "/" + key.getName())
        : Optional.of(text(value));
  }

  private static Optional<String> absent(boolean optional, String message) throws ConfigException {
    if (optional) {
      return Optional.empty();
    }
    throw new ConfigException(message);
  }

  private static String text(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }
}
