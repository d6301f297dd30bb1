package dev.coxswain.kubelet.env;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The variables by which services are told to containers, as Docker links once named them. */
final class ServiceVariables {
  private ServiceVariables() {}

  static void add(Collection<Service> services, Map<String, String> variables) {
    for (Service service : services) {
      String address = service.getSpec() == null ? null : service.getSpec().getClusterIP();
      if (address == null || address.isEmpty() || "None".equals(address)) {
        continue;
      }
      add(service, address, service.getSpec().getPorts(), variables);
    }
  }

  private static void add(
      Service service, String address, List<ServicePort> ports, Map<String, String> variables) {
    if (ports.isEmpty()) {
      return;
    }
    String name = upper(service.getMetadata().getName());
    ServicePort first = ports.getFirst();
    variables.put(name + "_SERVICE_HOST", address);
    variables.put(name + "_SERVICE_PORT", first.getPort().toString());
    for (ServicePort port : ports) {
      if (port.getName() != null && !port.getName().isEmpty()) {
        variables.put(name + "_SERVICE_PORT_" + upper(port.getName()), port.getPort().toString());
      }
    }
    variables.put(name + "_PORT", url(first, address));
    for (ServicePort port : ports) {
      String prefix = name + "_PORT_" + port.getPort() + "_" + upper(protocol(port));
      variables.put(prefix, url(port, address));
      variables.put(prefix + "_PROTO", protocol(port));
      variables.put(prefix + "_PORT", port.getPort().toString());
      variables.put(prefix + "_ADDR", address);
    }
  }

  private static String url(ServicePort port, String address) {
    String host = address.indexOf(':') < 0 ? address : "[" + address + "]";
    return protocol(port) + "://" + host + ":" + port.getPort();
  }

  private static String protocol(ServicePort port) {
    return port.getProtocol() == null ? "tcp" : port.getProtocol().toLowerCase(Locale.ROOT);
  }

  private static String upper(String name) {
    return name.replace('-', '_').toUpperCase(Locale.ROOT);
  }
}
