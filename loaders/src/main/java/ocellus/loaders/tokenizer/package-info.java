/** Text to the token ids that text towers take: CLIP's byte pairs, SentencePiece, Gemma's. */
package ocellus.loaders.tokenizer;
