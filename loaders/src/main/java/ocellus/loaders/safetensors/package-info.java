/** Memory-mapped safetensors files, one or a set of shards. */
package ocellus.loaders.safetensors;
