package dev.coxswain.controllers.certificates;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;

/**
 * What a PKCS#10 request asks for.
 *
 * @param subject the whole name
 * @param commonName its common name; empty for none
 * @param organizations its organizations
 * @param names the other names; none asks for none
 * @param key the key that is to be certified
 */
record Requested(
    X500Name subject,
    String commonName,
    List<String> organizations,
    List<GeneralName> names,
    SubjectPublicKeyInfo key) {
  private static final Set<Integer> HOSTS = Set.of(GeneralName.dNSName, GeneralName.iPAddress);

  /**
   * Reads {@code spec.request} and checks that it was signed by the key that it is about.
   *
   * @throws Refused where it is damaged
   */
  static Requested parse(String encoded) throws Refused {
    try {
      String pem = new String(Base64.getDecoder().decode(encoded), StandardCharsets.US_ASCII);
      String body = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
      var request = new PKCS10CertificationRequest(Base64.getDecoder().decode(body));
      var verifier =
          new JcaContentVerifierProviderBuilder().build(request.getSubjectPublicKeyInfo());
      if (!request.isSignatureValid(verifier)) {
        throw new Refused("unable to verify the request's signature");
      }
      X500Name subject = request.getSubject();
      List<String> commonNames = values(subject, BCStyle.CN);
      return new Requested(
          subject,
          commonNames.isEmpty() ? "" : commonNames.getFirst(),
          values(subject, BCStyle.O),
          names(request),
          request.getSubjectPublicKeyInfo());
    } catch (IOException
        | PKCSException
        | OperatorCreationException
        | IllegalArgumentException damaged) {
      throw new Refused("unable to parse csr: " + damaged.getMessage());
    }
  }

  private static List<String> values(
      X500Name subject, org.bouncycastle.asn1.ASN1ObjectIdentifier type) {
    var values = new ArrayList<String>();
    for (RDN part : subject.getRDNs(type)) {
      values.add(IETFUtils.valueToString(part.getFirst().getValue()));
    }
    return values;
  }

  private static List<GeneralName> names(PKCS10CertificationRequest request) {
    var names = new ArrayList<GeneralName>();
    for (var attribute : request.getAttributes(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest)) {
      GeneralNames found =
          GeneralNames.fromExtensions(
              Extensions.getInstance(attribute.getAttrValues().getObjectAt(0)),
              Extension.subjectAlternativeName);
      if (found != null) {
        names.addAll(List.of(found.getNames()));
      }
    }
    return names;
  }

  /** Whether it names hosts by name or address. */
  boolean namesHosts() {
    return names.stream().anyMatch(name -> HOSTS.contains(name.getTagNo()));
  }

  /** Whether it names anything but hosts: mail addresses, URIs. */
  boolean namesOthers() {
    return names.stream().anyMatch(name -> !HOSTS.contains(name.getTagNo()));
  }

  /** Whether it is the name of a node. */
  boolean ofNode() {
    return organizations.equals(List.of("system:nodes")) && commonName.startsWith("system:node:");
  }
}
