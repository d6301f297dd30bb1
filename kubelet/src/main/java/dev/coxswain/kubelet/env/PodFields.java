package dev.coxswain.kubelet.env;

import dev.coxswain.kubelet.pod.Member;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceFieldSelector;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a pod may be told about itself by {@code fieldRef} and {@code resourceFieldRef}.
 *
 * @param podAddresses known once the sandbox is there
 * @param allocatable what a container without a limit may use at most
 */
public record PodFields(
    Pod pod, String hostAddress, List<String> podAddresses, Map<String, Quantity> allocatable) {
  private static final Pattern SUBSCRIPTED =
      Pattern.compile("metadata\\.(labels|annotations)\\['([^']*)']");

  public PodFields {
    podAddresses = List.copyOf(podAddresses);
    allocatable = Map.copyOf(allocatable);
  }

  /**
   * The value of a field.
   *
   * @throws ConfigException for a field that cannot be told
   */
  public String field(String path) throws ConfigException {
    ObjectMeta meta = pod.getMetadata();
    Matcher subscripted = SUBSCRIPTED.matcher(path);
    if (subscripted.matches()) {
      Map<String, String> map =
          subscripted.group(1).equals("labels") ? meta.getLabels() : meta.getAnnotations();
      String value = map == null ? null : map.get(subscripted.group(2));
      return value == null ? "" : value;
    }
    return switch (path) {
      case "metadata.name" -> meta.getName();
      case "metadata.namespace" -> meta.getNamespace();
      case "metadata.uid" -> meta.getUid();
      case "metadata.labels" -> lines(meta.getLabels());
      case "metadata.annotations" -> lines(meta.getAnnotations());
      case "spec.nodeName" -> empty(pod.getSpec().getNodeName());
      case "spec.serviceAccountName" -> empty(pod.getSpec().getServiceAccountName());
      case "status.hostIP", "status.hostIPs" -> hostAddress;
      case "status.podIP" -> podAddresses.isEmpty() ? "" : podAddresses.getFirst();
      case "status.podIPs" -> String.join(",", podAddresses);
      default -> throw new ConfigException("unsupported fieldPath: " + path);
    };
  }

  /**
   * The value of a resource, divided and rounded up.
   *
   * @param own the container that asks, for a reference that names none
   * @throws ConfigException for a resource or container that there is not
   */
  public String resource(ResourceFieldSelector reference, @Nullable Container own)
      throws ConfigException {
    Container container = own;
    String name = reference.getContainerName();
    if (name != null && !name.isEmpty()) {
      container =
          Member.find(pod, name)
              .map(Member::container)
              .orElseThrow(() -> new ConfigException("container " + name + " not found"));
    }
    if (container == null) {
      throw new ConfigException("resourceFieldRef: a container's name is required");
    }
    String path = reference.getResource();
    int dot = path.indexOf('.');
    String kind = dot < 0 ? "" : path.substring(0, dot);
    String resource = path.substring(dot + 1);
    BigDecimal amount =
        switch (kind) {
          case "limits" -> limit(container, resource);
          case "requests" -> request(container, resource);
          default -> throw new ConfigException("unsupported container resource : " + path);
        };
    BigDecimal divisor =
        reference.getDivisor() == null
            ? BigDecimal.ZERO
            : Quantity.getAmountInBytes(reference.getDivisor());
    if (divisor.signum() == 0) {
      divisor = BigDecimal.ONE;
    }
    return amount.divide(divisor, 0, RoundingMode.CEILING).toPlainString();
  }

  private BigDecimal limit(Container container, String resource) {
    Map<String, Quantity> limits =
        container.getResources() == null ? null : container.getResources().getLimits();
    Quantity limit = limits == null ? null : limits.get(resource);
    if (limit == null) {
      limit = allocatable.get(resource);
    }
    return limit == null ? BigDecimal.ZERO : Quantity.getAmountInBytes(limit);
  }

  private static BigDecimal request(Container container, String resource) {
    Map<String, Quantity> requests =
        container.getResources() == null ? null : container.getResources().getRequests();
    Quantity request = requests == null ? null : requests.get(resource);
    return request == null ? BigDecimal.ZERO : Quantity.getAmountInBytes(request);
  }

  /** One {@code key="value"} line for each entry, by key. */
  private static String lines(@Nullable Map<String, String> map) {
    StringBuilder text = new StringBuilder();
    if (map != null) {
      for (Map.Entry<String, String> entry : new TreeMap<>(map).entrySet()) {
        if (!text.isEmpty()) {
          text.append('\n');
        }
        text.append(entry.getKey()).append('=').append(quoted(entry.getValue()));
      }
    }
    return text.toString();
  }

  private static String quoted(String value) {
    return '"'
        + value
            .replace("\\", "\\\\")
            .replace("\"", "\\\"")
            .replace("\n", "\\n")
            .replace("\t", "\\t")
            .replace("\r", "\\r")
        + '"';
  }

  private static String empty(@Nullable String value) {
    return value == null ? "" : value;
  }
}
