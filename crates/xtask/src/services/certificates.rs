//! Certificates for one run, by `openssl`: a certificate authority, a broker and a client, and the same from an
//! authority that nobody trusts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Long enough for a folder that is kept for a while.
const DAYS: &str = "365";
const NO_DEFAULTS: &str = "[req]\ndistinguished_name = subject\n[subject]\n";
const OF_BROKER: &str = "basicConstraints=critical,CA:FALSE\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n\
                         extendedKeyUsage=serverAuth,clientAuth\n";
const OF_CLIENT: &str = "basicConstraints=critical,CA:FALSE\nextendedKeyUsage=clientAuth\n";

/// A certificate and its key, both PEM files; the key is PKCS#8 without a password.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The file of the certificate.
    pub certificate: PathBuf,
    /// The file of the private key.
    pub key: PathBuf,
}

/// The files that were made.
#[derive(Clone, Debug)]
pub(super) struct Certificates {
    pub(super) ca: PathBuf,
    /// Key and certificate of the broker in one file.
    pub(super) broker: PathBuf,
    pub(super) client: Identity,
    pub(super) wrong_ca: PathBuf,
    pub(super) wrong_client: Identity,
}

/// Makes all certificates in a folder.
pub(super) fn make(folder: &Path) -> Result<Certificates> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    write(&folder.join("openssl.cnf"), NO_DEFAULTS)?;
    let ca = authority(folder, "ca")?;
    let broker = signed(folder, "broker", ("localhost", OF_BROKER), &ca)?;
    let client = signed(folder, "client", ("client", OF_CLIENT), &ca)?;
    let wrong_ca = authority(folder, "wrong-ca")?;
    let wrong_client = signed(folder, "wrong-client", ("client", OF_CLIENT), &wrong_ca)?;
    let both = folder.join("broker-keystore.pem");
    write(&both, &(read(&broker.key)? + &read(&broker.certificate)?))?;
    Ok(Certificates {
        ca: ca.certificate,
        broker: both,
        client,
        wrong_ca: wrong_ca.certificate,
        wrong_client,
    })
}

fn identity(folder: &Path, name: &str) -> Identity {
    Identity { certificate: folder.join(format!("{name}.pem")), key: folder.join(format!("{name}.key")) }
}

/// Gives `openssl req` with a new key on the curve P-256.
fn request(folder: &Path, key: &Path, subject: &str) -> Command {
    let mut command = Command::new("openssl");
    command.args(["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config"]);
    command
        .arg(folder.join("openssl.cnf"))
        .arg("-keyout")
        .arg(key)
        .arg("-subj")
        .arg(format!("/CN={subject}"));
    command
}

fn authority(folder: &Path, name: &str) -> Result<Identity> {
    let made = identity(folder, name);
    let mut command = request(folder, &made.key, &format!("groundswell test {name}"));
    command.args(["-x509", "-days", DAYS, "-addext", "basicConstraints=critical,CA:TRUE"]);
    command.args(["-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out"]).arg(&made.certificate);
    run(command)?;
    Ok(made)
}

/// Makes a certificate for a subject with its extensions, signed by an authority.
fn signed(folder: &Path, name: &str, subject: (&str, &str), authority: &Identity) -> Result<Identity> {
    let made = identity(folder, name);
    let (asked, extensions) = (folder.join(format!("{name}.csr")), folder.join(format!("{name}.ext")));
    write(&extensions, subject.1)?;
    let mut command = request(folder, &made.key, subject.0);
    command.args(["-new", "-out"]).arg(&asked);
    run(command)?;
    let mut command = Command::new("openssl");
    command.args(["x509", "-req", "-days", DAYS, "-CAcreateserial", "-in"]).arg(&asked);
    command.arg("-CA").arg(&authority.certificate).arg("-CAkey").arg(&authority.key);
    command.arg("-extfile").arg(&extensions).arg("-out").arg(&made.certificate);
    run(command)?;
    Ok(made)
}

fn run(mut command: Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output().context("cannot start openssl; install it")?;
    if !output.status.success() {
        bail!("openssl failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
