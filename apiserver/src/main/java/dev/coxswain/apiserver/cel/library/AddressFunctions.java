package dev.coxswain.apiserver.cel.library;

import static dev.coxswain.apiserver.cel.library.ExtensionFunction.global;
import static dev.coxswain.apiserver.cel.library.ExtensionFunction.member;
import static dev.coxswain.apiserver.cel.library.Values.STRING;

import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.coxswain.apiserver.cel.library.ExtensionFunction.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;

/** {@code ip('10.0.0.1')}, {@code cidr('10.0.0.0/8')} and what can be asked of them. */
final class AddressFunctions {
  private static final OpaqueType IP_TYPE = OpaqueType.create("net.IP");
  private static final OpaqueType CIDR_TYPE = OpaqueType.create("net.CIDR");
  private static final Parameter IP = new Parameter(IP_TYPE, IpAddress.class);
  private static final Parameter CIDR = new Parameter(CIDR_TYPE, AddressBlock.class);

  private AddressFunctions() {}

  static List<ExtensionFunction> all() {
    List<ExtensionFunction> functions = new ArrayList<>(addresses());
    functions.addAll(blocks());
    return functions;
  }

  private static List<ExtensionFunction> addresses() {
    return List.of(
        global("ip", "string_to_ip", IP_TYPE, List.of(STRING), a -> IpAddress.parse(text(a, 0))),
        global(
            "isIP",
            "is_ip",
            SimpleType.BOOL,
            List.of(STRING),
            a -> readable(text(a, 0), IpAddress::parse)),
        global(
            "ip.isCanonical",
            "ip_is_canonical",
            SimpleType.BOOL,
            List.of(STRING),
            a -> IpAddress.parse(text(a, 0)).toString().equals(text(a, 0))),
        global("string", "ip_to_string", SimpleType.STRING, List.of(IP), a -> a[0].toString()),
        member("family", "ip_family", SimpleType.INT, List.of(IP), a -> ip(a).isFour() ? 4L : 6L),
        is("isUnspecified", "ip_is_unspecified", IpAddress::isUnspecified),
        is("isLoopback", "ip_is_loopback", IpAddress::isLoopback),
        is("isLinkLocalMulticast", "ip_is_link_local_multicast", IpAddress::isLinkLocalMulticast),
        is("isLinkLocalUnicast", "ip_is_link_local_unicast", IpAddress::isLinkLocalUnicast),
        is("isGlobalUnicast", "ip_is_global_unicast", IpAddress::isGlobalUnicast));
  }

  private static List<ExtensionFunction> blocks() {
    return List.of(
        global(
            "cidr",
            "string_to_cidr",
            CIDR_TYPE,
            List.of(STRING),
            a -> AddressBlock.parse(text(a, 0))),
        global(
            "isCIDR",
            "is_cidr",
            SimpleType.BOOL,
            List.of(STRING),
            a -> readable(text(a, 0), AddressBlock::parse)),
        global("string", "cidr_to_string", SimpleType.STRING, List.of(CIDR), a -> a[0].toString()),
        member("ip", "cidr_ip", IP_TYPE, List.of(CIDR), a -> cidr(a).address()),
        member(
            "prefixLength",
            "cidr_prefix_length",
            SimpleType.INT,
            List.of(CIDR),
            a -> (long) cidr(a).length()),
        member("masked", "cidr_masked", CIDR_TYPE, List.of(CIDR), a -> cidr(a).masked()),
        contains(
            "containsIP",
            "cidr_contains_ip_string",
            STRING,
            (block, other) -> block.contains(IpAddress.parse((String) other))),
        contains(
            "containsIP",
            "cidr_contains_ip_ip",
            IP,
            (block, other) -> block.contains((IpAddress) other)),
        contains(
            "containsCIDR",
            "cidr_contains_cidr_string",
            STRING,
            (block, other) -> block.contains(AddressBlock.parse((String) other))),
        contains(
            "containsCIDR",
            "cidr_contains_cidr",
            CIDR,
            (block, other) -> block.contains((AddressBlock) other)));
  }

  private static ExtensionFunction contains(
      String name, String id, Parameter other, BiPredicate<AddressBlock, Object> test) {
    return member(name, id, SimpleType.BOOL, List.of(CIDR, other), a -> test.test(cidr(a), a[1]));
  }

  private static ExtensionFunction is(String name, String id, Predicate<IpAddress> test) {
    return member(name, id, SimpleType.BOOL, List.of(IP), a -> test.test(ip(a)));
  }

  private static IpAddress ip(Object[] arguments) {
    return (IpAddress) arguments[0];
  }

  private static AddressBlock cidr(Object[] arguments) {
    return (AddressBlock) arguments[0];
  }

  private static String text(Object[] arguments, int index) {
    return (String) arguments[index];
  }

  private static boolean readable(String text, Function<String, Object> parse) {
    try {
      var _ = parse.apply(text);
      return true;
    } catch (CelBadFormatException malformed) {
      return false;
    }
  }
}
