/** The cluster's certificate authorities, identities and kubeconfigs. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.deploy.pki;
