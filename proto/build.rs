//! Compiles the .proto files without a system protoc: protox reads them, tonic-prost-build writes
//! the Rust types. The raw descriptor set keeps the method options (access rules, HTTP rules).
#![expect(clippy::unwrap_used, reason = "a build script fails by panicking")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use prost_types::field_descriptor_proto::{Label, Type};

fn main() {
    println!("cargo::rerun-if-changed=google");
    println!("cargo::rerun-if-changed=steward");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap());

    let mut compiler = protox::Compiler::new(["."]).unwrap();
    compiler.include_source_info(true).include_imports(true);
    compiler.open_files(protos(Path::new("steward"))).unwrap();
    // Errors are told as JSON by reflection.
    compiler.open_files(protos(Path::new("google/rpc"))).unwrap();
    fs::write(out.join("descriptor.bin"), compiler.encode_file_descriptor_set()).unwrap();

    let mut set = compiler.file_descriptor_set();
    set.file.retain(|file| !["google.api", "google.rpc"].contains(&file.package()));
    fs::write(out.join("mutations.rs"), mutations(&set)).unwrap();
    fs::write(out.join("answers.rs"), answers(&set)).unwrap();
    fs::write(out.join("services.rs"), format!("&{:?}", services(&set))).unwrap();
    // Messages know their full names, so that they can be shown as JSON by reflection.
    let mut config = prost_build::Config::new();
    config.enable_type_names();
    tonic_prost_build::configure()
        .include_file("mod.rs")
        .compile_fds_with_config(set, config)
        .unwrap();
}

/// All .proto files below a folder, sorted.
fn protos(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(protos(&path));
        } else if path.extension().is_some_and(|end| end == "proto") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The full names of Steward's own services, sorted.
fn services(set: &prost_types::FileDescriptorSet) -> Vec<String> {
    let files = set.file.iter().filter(|file| file.package().starts_with("steward."));
    let names = files.flat_map(|file| {
        file.service.iter().map(|service| format!("{}.{}", file.package(), service.name()))
    });
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// What is made with a resource, and is as new as it is.
const MADE: [&str; 3] = ["id", "approval_id", "entry_id"];

/// Whether a message has a text of this name.
fn has(message: &prost_types::DescriptorProto, name: &str) -> bool {
    message.field.iter().any(|field| field.name() == name && field.r#type() == Type::String)
}

/// How a resource is blanked.
fn blanked(resource: &prost_types::DescriptorProto) -> String {
    let mut body = String::new();
    if has(resource, "id") {
        body += "if !known(&self.id) {\n";
        for made in MADE.iter().filter(|name| has(resource, name)) {
            writeln!(body, "self.{made}.clear();").unwrap();
        }
        body += "}\n";
    }
    if has(resource, "etag") {
        body += "self.etag.clear();\n";
    }
    body
}

/// `impl Answer` for every message with an id or an etag, and for the response of every mutation over
/// those of its fields that have one.
fn answers(set: &prost_types::FileDescriptorSet) -> String {
    let messages: Vec<_> = set
        .file
        .iter()
        .flat_map(|file| file.message_type.iter().map(move |message| (file.package(), message)))
        .collect();
    let request = |message: &prost_types::DescriptorProto| has(message, "request_id");
    let resources: Vec<_> = messages
        .iter()
        .filter(|(_, message)| !request(message) && !message.name().ends_with("Request"))
        .filter(|(_, message)| has(message, "id") || has(message, "etag"))
        .map(|(package, message)| format!(".{package}.{}", message.name()))
        .collect();
    let mutations: Vec<_> = messages
        .iter()
        .filter(|(_, message)| request(message))
        .map(|(package, message)| format!(".{package}.{}", response(message.name())))
        .collect();
    let mut code = String::new();
    for (package, message) in messages {
        let name = format!(".{package}.{}", message.name());
        let mut body = String::new();
        if resources.contains(&name) {
            body += &blanked(message);
        } else if mutations.contains(&name) {
            for field in
                message.field.iter().filter(|it| resources.iter().any(|r| r == it.type_name()))
            {
                let each = match field.label() {
                    Label::Repeated => "for it in",
                    Label::Optional | Label::Required => "if let Some(it) =",
                };
                writeln!(body, "{each} &mut self.{} {{ it.blank(known); }}", field.name()).unwrap();
            }
        } else {
            continue;
        }
        let module = package.trim_start_matches("steward.").replace('.', "::");
        let known = if body.contains("known") { "known" } else { "_" };
        writeln!(
            code,
            "impl Answer for {module}::{} {{\n\
             fn blank(&mut self, {known}: &dyn Fn(&str) -> bool) {{ {body} }}\n}}",
            message.name(),
        )
        .unwrap();
    }
    code
}

/// The name of what answers a request: `RequestExpenditureRequest` by `RequestExpenditureResponse`.
fn response(request: &str) -> String {
    request.trim_end_matches("Request").to_owned() + "Response"
}

/// `impl Mutation` for every message with a `request_id`.
fn mutations(set: &prost_types::FileDescriptorSet) -> String {
    let mut code = String::new();
    for file in &set.file {
        let module = file.package().trim_start_matches("steward.").replace('.', "::");
        for message in &file.message_type {
            let has = |name: &str| message.field.iter().any(|field| field.name() == name);
            if !has("request_id") {
                continue;
            }
            let flag = |name: &str| {
                if has(name) { format!("self.{name}") } else { "false".to_owned() }
            };
            writeln!(
                code,
                "impl Mutation for {module}::{} {{\n\
                 fn request_id(&self) -> &str {{ &self.request_id }}\n\
                 fn validate_only(&self) -> bool {{ {} }}\n\
                 fn accept_warnings(&self) -> bool {{ {} }}\n}}",
                message.name(),
                flag("validate_only"),
                flag("accept_warnings"),
            )
            .unwrap();
        }
    }
    code
}
