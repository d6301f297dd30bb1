package dev.coxswain.kubelet.volume;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JsonDeserialize;

/** {@code authentication.k8s.io/v1 TokenRequest}, both what is asked and what is answered. */
// The interface's own deserializer would make a generic resource of it.
@JsonDeserialize(using = ValueDeserializer.None.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
record TokenRequest(String apiVersion, String kind, Spec spec, @Nullable Status status)
    implements KubernetesResource {

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Spec(
      @Nullable List<String> audiences,
      @Nullable Long expirationSeconds,
      @Nullable BoundObject boundObjectRef) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  record BoundObject(String apiVersion, String kind, String name, String uid) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Status(String token, @Nullable String expirationTimestamp) {
    @Override
    public String toString() {
      return "token until " + expirationTimestamp;
    }
  }

  static TokenRequest of(List<String> audiences, long seconds, String pod, String podUid) {
    return new TokenRequest(
        "authentication.k8s.io/v1",
        "TokenRequest",
        new Spec(audiences, seconds, new BoundObject("v1", "Pod", pod, podUid)),
        null);
  }
}
