package dev.coxswain.proxy.dns;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.proxy.service.Ipv4;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The cluster's names and what they stand for. */
public final class ClusterZone {
  private static final String REVERSE = ".in-addr.arpa";
  private static final String SCHEMA_VERSION = "1.1.0";
  private static final int SRV_WEIGHT = 100;

  /** How far ExternalName services are followed within the zone; one could name itself. */
  private static final int MAX_ALIASES = 8;

  private final String domain;
  private final String serverAddress;
  private final ServiceDirectory directory;
  private final AtomicInteger turn = new AtomicInteger();

  /**
   * A zone.
   *
   * @param domain the cluster domain, such as {@code cluster.local}
   * @param serverAddress the address under which the zone's server answers
   * @param directory where services and endpoints are looked up
   */
  public ClusterZone(String domain, String serverAddress, InformerDirectory directory) {
    this(domain, serverAddress, (ServiceDirectory) directory);
  }

  ClusterZone(String domain, String serverAddress, ServiceDirectory directory) {
    String lower = domain.toLowerCase(Locale.ROOT);
    this.domain = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    this.serverAddress = serverAddress;
    this.directory = directory;
  }

  /** One pod behind a service. */
  private record Host(String name, String address, List<EndpointSlice> from) {}

  /** The zone's answer, or empty when the name is not the zone's to know. */
  Optional<DnsAnswer> answer(DnsQuery query) {
    String name = query.lowerName();
    if (name.endsWith(REVERSE)) {
      return reverse(query, name);
    }
    return isWithin(name) ? Optional.of(inZone(query, name)) : Optional.empty();
  }

  private boolean isWithin(String name) {
    return name.equals(domain) || name.endsWith("." + domain);
  }

  /** The name outside of the zone at which an answer stops, though more was asked for. */
  Optional<String> continued(DnsQuery query, DnsAnswer answer) {
    return query.type() != RecordType.CNAME
            && query.type() != RecordType.ANY
            && !answer.answers().isEmpty()
            && answer.answers().getLast() instanceof DnsRecord.Cname(String name, String target)
            && !isWithin(target.toLowerCase(Locale.ROOT))
        ? Optional.of(target)
        : Optional.empty();
  }

  private DnsAnswer inZone(DnsQuery query, String name) {
    if (name.equals(domain)) {
      return apex(query);
    }
    List<String> labels =
        List.of(name.substring(0, name.length() - domain.length() - 1).split("\\.", -1));
    List<String> path = labels.subList(0, labels.size() - 1);
    return switch (labels.getLast()) {
      case "svc" -> underServices(query, path);
      case "pod" -> pod(query, path);
      case "dns-version" ->
          labels.size() == 1
              ? found(
                  query, RecordType.TXT, List.of(new DnsRecord.Txt(query.name(), SCHEMA_VERSION)))
              : nothing();
      case "dns" -> path.equals(List.of("ns")) ? address(query, serverAddress) : nothing();
      default -> nothing();
    };
  }

  private DnsAnswer apex(DnsQuery query) {
    return switch (query.type()) {
      case RecordType.SOA -> found(query, RecordType.SOA, List.of(soa(query.name())));
      case RecordType.NS ->
          found(query, RecordType.NS, List.of(new DnsRecord.Ns(query.name(), "ns.dns." + domain)));
      default -> noData();
    };
  }

  /** {@code [port, protocol,] [host,] service, namespace}. */
  private DnsAnswer underServices(DnsQuery query, List<String> path) {
    int size = path.size();
    if (size == 0) {
      return noData();
    }
    String namespace = path.getLast();
    if (size == 1) {
      return directory.hasServices(namespace) ? noData() : nothing();
    }
    ObjectKey key = new ObjectKey(namespace, path.get(size - 2));
    Optional<Service> service = directory.service(key);
    if (service.isEmpty() || service.get().getSpec() == null) {
      return nothing();
    }
    return switch (size) {
      case 2 -> service(query, key, service.get());
      case 3 -> host(query, key, service.get(), path.getFirst());
      case 4 ->
          path.get(0).startsWith("_") && path.get(1).startsWith("_")
              ? namedPort(
                  query, key, service.get(), path.get(0).substring(1), path.get(1).substring(1))
              : nothing();
      default -> nothing();
    };
  }

  private DnsAnswer service(DnsQuery query, ObjectKey key, Service service) {
    if ("ExternalName".equals(service.getSpec().getType())) {
      return alias(query, service);
    }
    if (query.type() == RecordType.SRV) {
      return located(query, key, service, null, null);
    }
    if (!headless(service)) {
      return Ipv4.isAddress(service.getSpec().getClusterIP())
          ? address(query, service.getSpec().getClusterIP())
          : noData();
    }
    List<Host> hosts = hosts(key);
    if (hosts.isEmpty()) {
      // As the specification wants it, for every type.
      return nothing();
    }
    List<DnsRecord> addresses = new ArrayList<>();
    hosts.stream()
        .map(Host::address)
        .distinct()
        .forEach(address -> addresses.add(new DnsRecord.A(query.name(), address)));
    // Clients tend to take the first one.
    Collections.rotate(addresses, Math.floorMod(turn.getAndIncrement(), addresses.size()));
    return found(query, RecordType.A, addresses);
  }

  /**
   * One pod behind a service. The specification asks for it with headless services only; CoreDNS
   * answers it with all, and so pods of a StatefulSet whose service has an address find each other.
   */
  private DnsAnswer host(DnsQuery query, ObjectKey key, Service service, String name) {
    if ("ExternalName".equals(service.getSpec().getType())) {
      return nothing();
    }
    List<DnsRecord> addresses = new ArrayList<>();
    hosts(key).stream()
        .filter(host -> host.name().equals(name))
        .forEach(host -> addresses.add(new DnsRecord.A(query.name(), host.address())));
    return addresses.isEmpty() ? nothing() : found(query, RecordType.A, addresses);
  }

  private DnsAnswer namedPort(
      DnsQuery query, ObjectKey key, Service service, String port, String protocol) {
    return located(query, key, service, port, protocol);
  }

  /** SRV records of a port, or of every port where none is named. */
  private DnsAnswer located(
      DnsQuery query,
      ObjectKey key,
      Service service,
      @Nullable String port,
      @Nullable String protocol) {
    List<DnsRecord> records = new ArrayList<>();
    List<DnsRecord> additional = new ArrayList<>();
    boolean known = false;
    for (ServicePort candidate : orEmpty(service.getSpec().getPorts())) {
      String name = candidate.getName() == null ? "" : candidate.getName();
      String transport = candidate.getProtocol() == null ? "TCP" : candidate.getProtocol();
      if (port != null && !(port.equals(name) && transport.equalsIgnoreCase(protocol))) {
        continue;
      }
      known = true;
      if (headless(service)) {
        locateHosts(query, key, name, transport, records, additional);
      } else if (Ipv4.isAddress(service.getSpec().getClusterIP())) {
        String target = serviceName(key);
        records.add(new DnsRecord.Srv(query.name(), 0, SRV_WEIGHT, candidate.getPort(), target));
        add(additional, new DnsRecord.A(target, service.getSpec().getClusterIP()));
      }
    }
    boolean empty = records.isEmpty() && headless(service) && hosts(key).isEmpty();
    if (empty || (!known && port != null)) {
      return nothing();
    }
    return records.isEmpty() || !query.asks(RecordType.SRV)
        ? noData()
        : new DnsAnswer(ResponseCode.NO_ERROR, true, records, List.of(), additional);
  }

  private void locateHosts(
      DnsQuery query,
      ObjectKey key,
      String port,
      String transport,
      List<DnsRecord> records,
      List<DnsRecord> additional) {
    for (Host host : hosts(key)) {
      String target = host.name() + "." + serviceName(key);
      host.from().stream()
          .flatMap(slice -> orEmpty(slice.getPorts()).stream())
          .filter(candidate ->
              port.equals(Objects.requireNonNullElse(candidate.getName(), ""))
                  && transport.equals(Objects.requireNonNullElse(candidate.getProtocol(), "TCP"))
                  && candidate.getPort() != null)
          .forEach(candidate ->
              add(
                  records,
                  new DnsRecord.Srv(query.name(), 0, SRV_WEIGHT, candidate.getPort(), target)));
      add(additional, new DnsRecord.A(target, host.address()));
    }
  }

  private static void add(List<DnsRecord> records, DnsRecord record) {
    if (!records.contains(record)) {
      records.add(record);
    }
  }

  /** The address that a pod's name spells: {@code 10-244-1-7.namespace.pod}. */
  private DnsAnswer pod(DnsQuery query, List<String> path) {
    if (path.size() < 2) {
      return noData();
    }
    String address = path.getFirst().replace('-', '.');
    return path.size() == 2 && Ipv4.isAddress(address) ? address(query, address) : nothing();
  }

  /** An ExternalName: we follow it within the zone, and tell where it leaves it. */
  private DnsAnswer alias(DnsQuery query, Service service) {
    Optional<String> target = target(service);
    if (target.isEmpty()) {
      return noData();
    }
    List<DnsRecord> records = new ArrayList<>();
    records.add(new DnsRecord.Cname(query.name(), target.get()));
    if (query.type() != RecordType.CNAME) {
      follow(query, target.get(), records);
    }
    return new DnsAnswer(ResponseCode.NO_ERROR, true, records, List.of(), List.of());
  }

  /** For what an ExternalName stands; empty for what no name server could be asked. */
  private static Optional<String> target(Service service) {
    return Optional.ofNullable(service.getSpec().getExternalName())
        .map(name -> name.endsWith(".") ? name.substring(0, name.length() - 1) : name)
        .filter(DnsCodec::isName);
  }

  private void follow(DnsQuery query, String target, List<DnsRecord> records) {
    String next = target.toLowerCase(Locale.ROOT);
    for (int step = 0; step < MAX_ALIASES && next.endsWith("." + domain); step++) {
      Optional<Service> service = named(next);
      if (service.isEmpty() || !"ExternalName".equals(service.get().getSpec().getType())) {
        DnsQuery inner =
            new DnsQuery(query.id(), 0, true, next, query.type(), query.dnsClass(), false, 0, 0);
        records.addAll(inZone(inner, next).answers());
        return;
      }
      Optional<String> further = target(service.get());
      if (further.isEmpty()) {
        return;
      }
      records.add(new DnsRecord.Cname(next, further.get()));
      next = further.get().toLowerCase(Locale.ROOT);
    }
  }

  private Optional<Service> named(String name) {
    List<String> labels =
        List.of(name.substring(0, name.length() - domain.length() - 1).split("\\.", -1));
    return labels.size() == 3 && labels.get(2).equals("svc")
        ? directory
            .service(new ObjectKey(labels.get(1), labels.get(0)))
            .filter(service -> service.getSpec() != null)
        : Optional.empty();
  }

  private Optional<DnsAnswer> reverse(DnsQuery query, String name) {
    List<String> octets =
        List.of(name.substring(0, name.length() - REVERSE.length()).split("\\.", -1)).reversed();
    String address = String.join(".", octets);
    if (!Ipv4.isAddress(address)) {
      return Optional.empty();
    }
    List<DnsRecord> names = new ArrayList<>();
    for (Service service : directory.servicesAt(address)) {
      names.add(new DnsRecord.Ptr(query.name(), serviceName(key(service))));
    }
    if (names.isEmpty()) {
      for (EndpointSlice slice : directory.slicesWith(address)) {
        serviceOf(slice).stream()
            .flatMap(key -> hosts(key).stream().map(host -> Map.entry(key, host)))
            .filter(entry -> entry.getValue().address().equals(address))
            .forEach(entry ->
                add(
                    names,
                    new DnsRecord.Ptr(
                        query.name(),
                        entry.getValue().name() + "." + serviceName(entry.getKey()))));
      }
    }
    return names.isEmpty() ? Optional.empty() : Optional.of(found(query, RecordType.PTR, names));
  }

  private static Optional<ObjectKey> serviceOf(EndpointSlice slice) {
    Map<String, String> labels = slice.getMetadata().getLabels();
    return Optional.ofNullable(labels == null ? null : labels.get("kubernetes.io/service-name"))
        .map(service -> new ObjectKey(slice.getMetadata().getNamespace(), service));
  }

  private static ObjectKey key(Service service) {
    return new ObjectKey(service.getMetadata().getNamespace(), service.getMetadata().getName());
  }

  /** The ready endpoints, by name and address; a pod without a hostname is named by its address. */
  private List<Host> hosts(ObjectKey service) {
    Map<String, Host> hosts = new TreeMap<>();
    for (EndpointSlice slice : directory.slices(service)) {
      if (!"IPv4".equals(slice.getAddressType())) {
        continue;
      }
      for (var endpoint : orEmpty(slice.getEndpoints())) {
        boolean ready =
            endpoint.getConditions() == null
                || !Boolean.FALSE.equals(endpoint.getConditions().getReady());
        if (!ready || orEmpty(endpoint.getAddresses()).isEmpty()) {
          continue;
        }
        String address = endpoint.getAddresses().getFirst();
        String name =
            endpoint.getHostname() == null || endpoint.getHostname().isEmpty()
                ? address.replace('.', '-')
                : endpoint.getHostname();
        hosts.merge(
            name + " " + address,
            new Host(name, address, List.of(slice)),
            (one, other) -> {
              List<EndpointSlice> from = new ArrayList<>(one.from());
              from.addAll(other.from());
              return new Host(name, address, from);
            });
      }
    }
    return List.copyOf(hosts.values());
  }

  private static boolean headless(Service service) {
    return "None".equals(service.getSpec().getClusterIP());
  }

  private String serviceName(ObjectKey key) {
    return key.name() + "." + key.namespace() + ".svc." + domain;
  }

  private DnsAnswer address(DnsQuery query, String address) {
    return found(query, RecordType.A, List.of(new DnsRecord.A(query.name(), address)));
  }

  /** The records if that is what was asked for; else the name exists without such data. */
  private DnsAnswer found(DnsQuery query, int type, List<DnsRecord> records) {
    return records.isEmpty() || !query.asks(type)
        ? noData()
        : new DnsAnswer(ResponseCode.NO_ERROR, true, records, List.of(), List.of());
  }

  private DnsAnswer noData() {
    return new DnsAnswer(ResponseCode.NO_ERROR, true, List.of(), List.of(soa(domain)), List.of());
  }

  private DnsAnswer nothing() {
    return new DnsAnswer(ResponseCode.NAME_ERROR, true, List.of(), List.of(soa(domain)), List.of());
  }

  private DnsRecord soa(String name) {
    return new DnsRecord.Soa(name, "ns.dns." + domain, "hostmaster." + domain, 1);
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}
