/** Service rules in upstream's iptables layout: values to text, and the text to the kernel. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.proxy.iptables;
