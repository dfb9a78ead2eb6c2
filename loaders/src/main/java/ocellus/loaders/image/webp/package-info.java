/** WebP: lossy (VP8, RFC 6386) and lossless (VP8L), with the pixels of libwebp. Not exported. */
package ocellus.loaders.image.webp;
