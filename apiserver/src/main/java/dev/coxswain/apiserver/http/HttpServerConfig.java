package dev.coxswain.apiserver.http;

import java.net.InetSocketAddress;
import java.nio.file.Path;

/**
 * Where and as whom to serve.
 *
 * @param address where to listen; port 0 takes a free one
 * @param certificate PEM file with the server's certificate chain
 * @param key PEM file with its key, PKCS #8
 * @param clientAuthorities PEM file with the authorities of client certificates
 */
public record HttpServerConfig(
    InetSocketAddress address, Path certificate, Path key, Path clientAuthorities) {}
