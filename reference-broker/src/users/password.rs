//! Passwords, of which the broker keeps nothing that they could be had from.
//!
//! What is kept is a salted Argon2id hash (RFC 9106). It is meant to be slow, 4 MiB and three passes being some
//! milliseconds, so that the broker asks for it to be computed elsewhere ([`Attempt`]); and it remembers of each user
//! a keyed digest of the password that was found right last, so that this is needed only once for thousands of
//! connections. The key is drawn anew by every broker, and neither it nor a digest ever leaves it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use argon2::password_hash::rand_core::{OsRng, RngCore};
use argon2::password_hash::{self, Output, PasswordHashString, Salt, SaltString};
use argon2::{Algorithm, Argon2, Block, Params, PasswordHasher, Version};
use blake2::Blake2bMac;
use blake2::digest::consts::U32;
use blake2::digest::{KeyInit, Mac};

/// KiB of memory, passes and lanes of a new hash. What a hash was made with stands in it, so that others are understood.
const COST: (u32, u32, u32) = (4096, 3, 1);

/// A hash of `guest`, which is no secret: it costs nothing, so that tests are not slowed down.
const GUEST: &str =
    "$argon2id$v=19$m=8,t=1,p=1$Z3Vlc3RndWVzdA$64jQhWEqaXlzOu6H52n0yhBUksi1fk+TTnCWJMif/xU";

/// A hash of what nobody knows: who is unknown is refused as slowly as who has forgotten the password.
const NOBODY: &str =
    "$argon2id$v=19$m=4096,t=3,p=1$bm9ib2R5bm9ib2R5$b8Fp6qHegRrhg5PrTuF7vZiV5sjYUbreNVz3v6BZ+6w";

/// What hashes are computed in, one after the other. It is kept: an allocator that is asked for megabytes again and
/// again keeps several times as many.
static MEMORY: Mutex<Vec<Block>> = Mutex::new(Vec::new());

/// What a password is held against: a hash in the PHC format, `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(PasswordHashString);

/// A text is no hash of a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a hash of a password begins with $argon2id$ and is made by `reference-broker hash-password`"
)]
pub struct PasswordError;

impl PasswordHash {
    /// Hashes a password with a salt of its own.
    pub fn new(password: &str) -> Self {
        let (memory, passes, lanes) = COST;
        let params = Params::new(memory, passes, lanes, None).expect("legal costs");
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let salt = SaltString::generate(&mut OsRng);
        let hash = argon2.hash_password(password.as_bytes(), &salt);
        Self(hash.expect("a legal salt").serialize())
    }

    /// That of the user `guest`, whose password everybody knows.
    pub(crate) fn guest() -> Self {
        GUEST.parse().expect("a hash")
    }

    /// The hash as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    fn fits(&self, password: &str) -> bool {
        let hash = self.0.password_hash();
        let (Some(expected), Some(found)) = (hash.hash, compute(&hash, password)) else {
            return false;
        };
        // Takes as long wherever they differ.
        expected == found
    }
}

/// Hashes a password as another one was.
fn compute(like: &password_hash::PasswordHash<'_>, password: &str) -> Option<Output> {
    let algorithm = Algorithm::try_from(like.algorithm).ok()?;
    let version = match like.version {
        Some(version) => Version::try_from(version).ok()?,
        None => Version::default(),
    };
    let params = Params::try_from(like).ok()?;
    let mut salt = [0; Salt::MAX_LENGTH];
    let salt = like.salt?.decode_b64(&mut salt).ok()?;
    let mut output = [0; Output::MAX_LENGTH];
    let output = output.get_mut(..like.hash?.len())?;
    let mut memory = MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    let blocks = params.block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::default());
    }
    Argon2::new(algorithm, version, params)
        .hash_password_into_with_memory(password.as_bytes(), salt, output, &mut memory[..blocks])
        .ok()?;
    Output::new(output).ok()
}

/// A hash is no secret that is worth much, but nobody needs it in a log either.
impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash")
    }
}

impl FromStr for PasswordHash {
    type Err = PasswordError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hash = PasswordHashString::new(text).map_err(|_| PasswordError)?;
        // What has no hash, or one that cannot be computed, would refuse everybody.
        let known = Algorithm::try_from(hash.algorithm()).is_ok();
        let usable = known && Params::try_from(&hash.password_hash()).is_ok();
        if usable && hash.hash().is_some() && hash.salt().is_some() {
            Ok(Self(hash))
        } else {
            Err(PasswordError)
        }
    }
}

/// A password that somebody has given, to be held against a hash. That takes milliseconds.
#[derive(Clone, PartialEq, Eq)]
pub struct Attempt {
    password: String,
    hash: PasswordHash,
}

impl Attempt {
    /// With no hash, because nobody is known by that name, it fails like any other.
    pub(crate) fn new(password: String, hash: Option<PasswordHash>) -> Self {
        let hash = hash.unwrap_or_else(|| NOBODY.parse().expect("a hash"));
        Self { password, hash }
    }

    /// Whether the password is right.
    pub fn succeeds(&self) -> bool {
        self.hash.fits(&self.password)
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attempt")
    }
}

/// A keyed digest of a user's name and password. Of no use to anybody without the key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Digest([u8; 32]);

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest")
    }
}

/// The password of each user that was found right last, as a digest.
#[derive(Debug)]
pub(crate) struct Known {
    key: Digest,
    last: BTreeMap<String, Digest>,
}

impl Known {
    pub(crate) fn new() -> Self {
        let mut key = [0; 32];
        OsRng.fill_bytes(&mut key);
        Self {
            key: Digest(key),
            last: BTreeMap::new(),
        }
    }

    pub(crate) fn digest(&self, user: &str, password: &str) -> Digest {
        let mac = <Blake2bMac<U32> as KeyInit>::new_from_slice(&self.key.0);
        let mut mac = mac.expect("a key of 32 octets");
        // The length keeps what belongs to the name apart from what belongs to the password.
        mac.update(&(user.len() as u64).to_be_bytes());
        mac.update(user.as_bytes());
        mac.update(password.as_bytes());
        Digest(mac.finalize().into_bytes().into())
    }

    pub(crate) fn holds(&self, user: &str, digest: Digest) -> bool {
        self.last.get(user) == Some(&digest)
    }

    pub(crate) fn learn(&mut self, user: String, digest: Digest) {
        self.last.insert(user, digest);
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn a_hash_fits_its_password_and_no_other() {
        let hash = PasswordHash::new("right");
        assert!(hash.fits("right"));
        assert!(!hash.fits("wrong"));
        assert!(!hash.fits(""));
    }

    #[test]
    fn a_hash_can_be_written_down() {
        let hash = PasswordHash::new("right");
        assert_eq!(hash.as_str().parse(), Ok(hash));
    }

    #[test]
    fn the_same_password_is_salted_anew() {
        assert_ne!(PasswordHash::new("same"), PasswordHash::new("same"));
    }

    #[test]
    fn the_built_in_hashes_are_what_they_are_said_to_be() {
        assert!(PasswordHash::guest().fits("guest"));
        assert!(!Attempt::new("guest".to_owned(), None).succeeds());
    }

    #[rstest]
    #[case("guest")]
    #[case("")]
    #[case("$argon2id$")]
    #[case("$argon2id$v=19$m=4096,t=1,p=1$bm9ib2R5bm9ib2R5")]
    #[case("$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW")]
    fn what_is_no_hash_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<PasswordHash>(), Err(PasswordError));
    }

    #[test]
    fn nothing_secret_is_shown() {
        let hash = PasswordHash::new("hush");
        let text = hash.as_str().to_owned();
        let attempt = Attempt::new("hush".to_owned(), Some(hash.clone()));
        let known = Known::new();
        let shown = format!(
            "{hash:?} {attempt:?} {known:?} {:?}",
            known.digest("u", "hush")
        );
        assert!(!shown.contains("hush") && !shown.contains(&text), "{shown}");
    }

    #[test]
    fn name_and_password_are_told_apart() {
        let known = Known::new();
        assert_ne!(known.digest("ab", "c"), known.digest("a", "bc"));
        assert_ne!(known.digest("a", "b"), Known::new().digest("a", "b"));
    }
}
